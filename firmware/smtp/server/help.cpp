// HELP: RFC 5321 §4.1.1.8.
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_help(const Server::State&, Command&) {
  return Refusal::none;
}

void act_help(Server::State& state, const Command&) {
  say(state, "214-2.0.0 commands:");
  say(state, "214-2.0.0 EHLO HELO STARTTLS MAIL RCPT DATA BDAT");
  say(state, "214 2.0.0 RSET NOOP VRFY HELP QUIT");
}

}  // namespace postern::smtp
