// The TXT record at _smtp._tls that says who wants TLS reports. RFC 8460 §3.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::policy {

inline constexpr std::size_t kMostRua = 16;  // further ones are not used

struct TlsrptRecord {
  std::vector<std::string> rua;  // mailto: and https: URIs, as written; at least one, at most kMostRua
};

// URIs of other schemes are well-formed, but left out; with nothing else the record is refused.
Result<TlsrptRecord> parse_tlsrpt_record(std::string_view text);

// Of all TXT records at the name. Nothing: nobody wants reports. An error: a record, but none that counts.
Result<std::optional<TlsrptRecord>> choose_tlsrpt_record(std::span<const std::string> texts);

}  // namespace postern::policy
