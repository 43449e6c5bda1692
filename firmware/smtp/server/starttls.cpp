// STARTTLS: RFC 3207.
//
// Bytes that come behind the command in the clear must never be taken for bytes that came under TLS; the mode
// that follows looks at what is left of the input before it says 220 (modes.cpp).
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_starttls(const Server::State& state, Command& command) {
  if (state.tls) return Refusal::tls_repeated;
  if (!state.settings.offer_starttls) return Refusal::not_implemented;
  return command.argument.empty() ? Refusal::none : Refusal::bad_argument;
}

void act_starttls(Server::State& state, const Command&) {
  state.mode = Mode::tls;
  state.asked = false;
}

}  // namespace postern::smtp
