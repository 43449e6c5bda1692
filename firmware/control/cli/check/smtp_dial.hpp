// One SMTP session over the kernel's sockets, as far as a check needs it: greeting, EHLO, STARTTLS with a
// real handshake, EHLO again, QUIT. RFC 5321, RFC 3207. No mail is sent.
//
// Waits at most `patience` for each step; what the server says is bounded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/tls/session.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/result.hpp"

namespace postern::control::cli {

struct Dialled {
  bool connected = false;
  std::string greeting;  // the server's first line
  bool offers_starttls = false;
  bool secured = false;  // the handshake is complete
  bool offers_requiretls = false;
  std::string version;  // "TLSv1.3"
  std::string cipher;
  tls::Verdict dane;
  tls::Verdict web_pki;
  std::vector<std::vector<std::uint8_t>> chain;
  std::string failure;  // what ended it early, in one line
};

class Dialler {
 public:
  // `authorities_pem`: for the web PKI; empty: none is trusted.
  static Result<std::unique_ptr<Dialler>, Fault> create(const std::string& authorities_pem);
  ~Dialler();
  Dialler(const Dialler&) = delete;
  Dialler& operator=(const Dialler&) = delete;

  // The demand says what is judged; its kind should be unauthenticated, so that all is seen.
  Dialled dial(const wire::Endpoint& to, const tls::ServerDemand& demand,
               Duration patience = std::chrono::seconds(15));

 private:
  Dialler() = default;
  tls::Counters counters_;
  std::unique_ptr<tls::Core> core_;
};

}  // namespace postern::control::cli
