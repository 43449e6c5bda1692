// QUIT: the end of the session. RFC 5321 §4.1.1.10.
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_quit(const Server::State&, Command& command) {
  return command.argument.empty() ? Refusal::none : Refusal::bad_argument;
}

void act_quit(Server::State& state, const Command&) {
  state.reset_transaction();
  say(state, "221 2.0.0 " + state.settings.host_name + " closing");
  state.mode = Mode::close;
}

}  // namespace postern::smtp
