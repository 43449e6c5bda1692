// DATA: the message follows, dot-stuffed. RFC 5321 §4.1.1.4.
#include "firmware/smtp/server/message.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_data(const Server::State&, Command& command) {
  return command.argument.empty() ? Refusal::none : Refusal::bad_argument;
}

void act_data(Server::State& state, const Command&) {
  begin_message(state, false);
}

}  // namespace postern::smtp
