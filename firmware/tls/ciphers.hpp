// Every cipher suite we speak, in our order of preference: forward secret and AEAD, nothing else. The library
// compiles in more; what is not in this list is not offered and not accepted. RFC 9325 §4.2, RFC 8446 §9.1.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::tls {

struct Suite {
  std::uint16_t id;
  std::string_view library_name;
  std::string_view iana_name;
};

inline constexpr auto kSuites = std::to_array<Suite>({
    {0x1301, "TLS13-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS13-AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS13-CHACHA20-POLY1305-SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
    {0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc030, "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca8, "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
});

// The list in the library's notation.
inline std::string suite_list() {
  std::string list;
  for (const auto& suite : kSuites) {
    if (!list.empty()) list += ':';
    list += suite.library_name;
  }
  return list;
}

constexpr std::string_view suite_name(std::uint16_t id) {
  for (const auto& suite : kSuites) {
    if (suite.id == id) return suite.iana_name;
  }
  return {};
}

}  // namespace postern::tls
