// The time line of one message, out of the message log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/control/cli/invocation.hpp"
#include "platform/base/result.hpp"

namespace postern::control::cli {

// Everything the log FILE and those set aside (FILE.1, FILE.2, ...) say about the message, oldest first, each
// line once. Faults: FILE cannot be read.
Result<std::vector<Json>, Fault> read_trace(const std::string& file, std::uint64_t id);
// For people; no line is wider than `width` (0: no limit).
std::string trace_text(const std::vector<Json>& events, std::size_t width, bool colour);

}  // namespace postern::control::cli
