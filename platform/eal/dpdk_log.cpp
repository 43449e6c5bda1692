// A stdio stream whose writes become lines of platform/log.
//
// DPDK writes one whole line per call and says the level beforehand (rte_log_cur_msg_loglevel).
#include "platform/eal/dpdk_log.hpp"

#include <rte_log.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <utility>

#include "platform/log/log.hpp"

namespace postern::eal {
namespace {

std::mutex error_lock;
std::string first_error;
std::atomic<bool> quiet{false};

log::Level level_of(int dpdk_level) {
  if (dpdk_level <= static_cast<int>(RTE_LOG_ERR)) return log::Level::error;
  if (dpdk_level == static_cast<int>(RTE_LOG_WARNING)) return log::Level::warning;
  if (dpdk_level == static_cast<int>(RTE_LOG_NOTICE)) return log::Level::notice;
  return log::Level::debug;
}

void take_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  if (line.empty()) return;
  auto level = level_of(rte_log_cur_msg_loglevel());
  if (level == log::Level::error) {
    const std::lock_guard hold(error_lock);
    // The first line is nearest to the cause; the others say what could not be done because of it.
    if (first_error.empty()) first_error = line;
  }
  if (quiet) level = log::Level::debug;
  // What DPDK thinks worth noticing at start is detail to us.
  log::write(level == log::Level::notice ? log::Level::debug : level, "dpdk", line);
}

ssize_t write_lines(void*, const char* buffer, std::size_t size) {
  std::string_view rest(buffer, size);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    take_line(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

bool take_over_dpdk_log() {
  static std::FILE* const stream = [] {
    auto* opened = ::fopencookie(nullptr, "w", cookie_io_functions_t{.write = &write_lines});
    if (opened != nullptr) ::setvbuf(opened, nullptr, _IOLBF, 1024);
    return opened;
  }();
  return stream != nullptr && rte_openlog_stream(stream) == 0;
}

QuietStart::QuietStart() {
  const std::lock_guard hold(error_lock);
  quiet = true;
  first_error.clear();
}

QuietStart::~QuietStart() {
  quiet = false;
}

std::string take_dpdk_error() {
  const std::lock_guard hold(error_lock);
  return std::exchange(first_error, {});
}

}  // namespace postern::eal
