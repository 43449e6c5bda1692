// The last lines of control's log: see the header.
#include "firmware/control/service/log_memory.hpp"

#include <unistd.h>

#include <algorithm>

#include "platform/log/log.hpp"

namespace postern::control {

namespace {

using Json = nlohmann::ordered_json;

// "2026-01-31T12:00:00.123Z warning nic: text"
Json parts_of(std::uint64_t number, const std::string& line) {
  const auto first = std::min(line.find(' '), line.size());
  const auto second = std::min(line.find(' ', first + 1), line.size());
  const auto colon = std::min(line.find(": ", second), line.size());
  const auto piece = [&](std::size_t from, std::size_t to) {
    return from < to ? line.substr(from, to - from) : std::string();
  };
  return {{"number", number},
          {"time", piece(0, first)},
          {"level", piece(first + 1, second)},
          {"area", piece(second + 1, colon)},
          {"text", piece(colon + 2, line.size())}};
}

}  // namespace

LogMemory::LogMemory() {
  log::set_output(take, this);
}

LogMemory::~LogMemory() {
  log::set_output(nullptr, nullptr);
}

void LogMemory::take(std::string_view line, void* mine) {
  // A log that cannot be written has nowhere to complain.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  auto& memory = *static_cast<LogMemory*>(mine);
  const std::lock_guard lock(memory.mutex_);
  memory.lines_.emplace_back(line.substr(0, line.find('\n')));
  if (memory.lines_.size() > kKept) memory.lines_.pop_front();
  ++memory.last_;
}

Json LogMemory::json(std::uint64_t after, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto first = last_ - lines_.size() + 1;  // the number of the oldest one kept
  auto begin = std::max(after + 1, first);
  if (last_ >= most && begin < last_ - most + 1) begin = last_ - most + 1;
  Json list = Json::array();
  for (auto number = begin; number <= last_; ++number)
    list.push_back(parts_of(number, lines_[static_cast<std::size_t>(number - first)]));
  return {{"lines", std::move(list)}, {"last", last_}};
}

}  // namespace postern::control
