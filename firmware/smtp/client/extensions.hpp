// What a server offers in its answer to EHLO. RFC 5321 §4.1.1.1.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::smtp {

struct Extensions {
  bool pipelining = false;
  bool chunking = false;
  bool eight_bit_mime = false;
  bool smtputf8 = false;
  bool dsn = false;
  bool starttls = false;
  bool requiretls = false;
  bool size = false;
  std::uint64_t size_limit = 0;      // 0: none stated (RFC 1870 §4)
  std::uint64_t messages_limit = 0;  // LIMITS MAILMAX, 0: none (RFC 9422)
  std::uint64_t recipients_limit = 0;
};

// `lines`: the texts of the reply's lines; the first one names the server.
Extensions parse_extensions(const std::vector<std::string>& lines);

}  // namespace postern::smtp
