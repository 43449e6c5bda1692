// Reports about TLS that came in by mail, on their way to control, and what became of them. RFC 8460 §5.3.
#pragma once

#include <cstdint>
#include <string>

#include "platform/base/bytes.hpp"

namespace postern::shard {

inline constexpr std::size_t kMostReportMail = 4u << 20;

// Stays where it is, unchanged, until its answer was given.
struct ReportMail {
  std::uint64_t ticket = 0;
  Bytes message;  // as it came, with our trace line
};

struct ReportAnswer {
  std::uint64_t ticket = 0;
  bool kept = false;  // control has it on disk; else it is tried again later
};

}  // namespace postern::shard
