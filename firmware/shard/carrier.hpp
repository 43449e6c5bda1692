// Who owns outbound sessions: gives them work and hears what became of it. The office is one, each domain on
// the internet another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/mail/path.hpp"
#include "firmware/shard/part.hpp"
#include "firmware/smtp/client.hpp"

namespace postern::shard {

class Outbound;

// Why a session is of no more use.
struct Trouble {
  enum class Stage : std::uint8_t {
    connect,    // no connection
    hello,      // greeting or EHLO
    tls,        // STARTTLS missing or refused, or the handshake failed
    demand,     // the certificate is not what was asked for
    extension,  // REQUIRETLS is not offered
    message,    // everything was fine before
    local,      // it is us: no memory
  } stage = Stage::connect;
  smtp::RecipientResult result;  // what to tell the recipients
};

class Carrier {
 public:
  virtual ~Carrier() = default;

  // The session is being destroyed.
  virtual void gone(Outbound& session) = 0;
  // Greeting, EHLO and TLS are behind it: it can take work.
  virtual void works(Outbound& session) = 0;
  // It is idle again.
  virtual void free(Outbound& session) = 0;
  // It could not be set up, or broke; its part, if it had one, comes by broke() afterwards.
  virtual void failed(Outbound& session, const Trouble& trouble) = 0;
  // One result per recipient of the part.
  virtual void done(Outbound& session, Part part, const std::vector<smtp::RecipientResult>& results) = 0;
  // The part came to no verdict. `stale`: the connection had served before, and the server closed it as idle.
  virtual void broke(Outbound& session, Part part, const Trouble& trouble, bool stale) = 0;
  // Whether a recipient is known (office only).
  virtual void probed(const mail::Path&, const std::vector<smtp::RecipientResult>&) {}
  virtual void not_probed(const mail::Path&, std::string_view) {}
};

}  // namespace postern::shard
