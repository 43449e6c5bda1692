// A mailbox in an SMTP path: local part and domain. RFC 5321 §4.1.2, RFC 6531 §3.3.
#pragma once

#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::mail {

struct Path {
  std::string local;   // as sent, quotes and all
  std::string domain;  // lower case; "[192.0.2.1]" for an address literal; empty for <> and <Postmaster>

  bool is_null() const { return local.empty() && domain.empty(); }
  // "local@domain", without angle brackets; "" for the null path.
  std::string text() const;
  bool operator==(const Path&) const = default;
};

// Parses what stands between "<" and ">" (without them). A source route is accepted and dropped
// (RFC 5321 Appendix C). `utf8` allows RFC 6531 characters. Errors say what is wrong with it.
Result<Path> parse_path(std::string_view text, bool utf8);

}  // namespace postern::mail
