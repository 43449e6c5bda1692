// RSET: forgets the transaction. RFC 5321 §4.1.1.5.
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_rset(const Server::State&, Command& command) {
  return command.argument.empty() ? Refusal::none : Refusal::bad_argument;
}

void act_rset(Server::State& state, const Command&) {
  state.reset_transaction();
  say(state, "250 2.0.0 reset");
}

}  // namespace postern::smtp
