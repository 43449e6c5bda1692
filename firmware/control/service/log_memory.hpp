// The last lines of control's log, for people who look from elsewhere: verb `log`. They go to standard error
// as before.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace postern::control {

class LogMemory {
 public:
  static constexpr std::size_t kKept = 2000;

  // From now on every line passes through here, until the object is gone.
  LogMemory();
  ~LogMemory();
  LogMemory(const LogMemory&) = delete;
  LogMemory& operator=(const LogMemory&) = delete;

  // {"lines": [{number, time, level, area, text}], "last"}: those after `after`, the newest `most` of them.
  nlohmann::ordered_json json(std::uint64_t after, std::size_t most) const;

 private:
  static void take(std::string_view line, void* mine);

  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
  std::uint64_t last_ = 0;
};

}  // namespace postern::control
