// NOOP: nothing; an argument is ignored. RFC 5321 §4.1.1.9.
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_noop(const Server::State&, Command&) {
  return Refusal::none;
}

void act_noop(Server::State& state, const Command&) {
  say(state, "250 2.0.0 ok");
}

}  // namespace postern::smtp
