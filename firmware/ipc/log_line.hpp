// log_line: something the data plane wants people to read. One line, printable.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

// In the order of platform/log.
enum class Level : std::uint8_t { error, warning, notice, info, debug };
std::string_view text(Level level);
std::optional<Level> read_level(std::string_view text);

struct LogLine {
  Level level = Level::info;
  std::string text;  // cut at 1000 bytes; control characters become '?'
};

std::vector<std::uint8_t> write(const LogLine& line);
std::optional<LogLine> read_log_line(Bytes body);

}  // namespace postern::ipc
