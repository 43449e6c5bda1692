// VRFY: we do not tell who exists. RFC 5321 §3.5.3 and §7.3.
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_vrfy(const Server::State&, Command& command) {
  return command.argument.empty() ? Refusal::bad_argument : Refusal::none;
}

void act_vrfy(Server::State& state, const Command&) {
  say(state, "252 2.5.0 send mail and see");
}

}  // namespace postern::smtp
