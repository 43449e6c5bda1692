// Where reports are wanted: the URIs of a TLSRPT record. RFC 8460 §3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::reporter {

struct Rua {
  enum class Kind : std::uint8_t { mail, https } kind = Kind::mail;
  std::string mailbox;  // mail: "reports@example.net"
  std::string host;     // https: lower case name
  std::uint16_t port = 443;
  std::string target;  // https: path and query, beginning with "/"
  std::string text;    // normal form: what two URIs are compared by
};

// Percent-encoding in addresses is taken off (RFC 6068 §2); one recipient only, header fields are ignored.
// Nothing where the URI is not usable.
std::optional<Rua> read_rua(std::string_view uri);

}  // namespace postern::reporter
