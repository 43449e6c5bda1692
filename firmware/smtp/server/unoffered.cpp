// EXPN and other verbs we know and do not offer (RFC 5321 §4.2.4), and the verbs of other protocols: a
// browser made to talk to a mail server should not get far.
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Refusal check_unoffered(const Server::State&, Command&) {
  return Refusal::not_implemented;
}
Refusal check_foreign(const Server::State&, Command&) {
  return Refusal::foreign_protocol;
}

}  // namespace postern::smtp
