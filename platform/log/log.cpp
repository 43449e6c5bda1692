// Formats lines and hands them to standard error or to a ring.
#include "platform/log/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <vector>

namespace postern::log {
namespace {

constexpr std::size_t kMostRings = 128;
constexpr std::array<std::string_view, 5> kLevelNames{"error", "warning", "notice", "info", "debug"};

std::atomic<Level> least_important{Level::info};
std::mutex output_lock;  // never taken on a packet core
Output output = nullptr;
void* output_context = nullptr;
std::mutex rings_lock;  // taken when a ring is attached or ends, and by drain()
std::vector<Ring*> rings;
thread_local Ring* own_ring = nullptr;

template <std::size_t N>
std::uint8_t copy_cut(std::array<char, N>& into, std::string_view from) {
  const auto length = std::min({from.size(), N, std::size_t{255}});
  std::transform(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(length), into.begin(),
                 [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c; });
  return static_cast<std::uint8_t>(length);
}

// The wall clock through the vDSO: no system call.
std::int64_t wall_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void emit(const Line& line) {
  const std::time_t seconds = line.wall_ns / 1'000'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 320> buffer;
  const auto length =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %.*s: %.*s\n",
                    utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                    static_cast<int>(line.wall_ns / 1'000'000 % 1000),
                    kLevelNames[static_cast<std::size_t>(line.level)].data(), line.area_length,
                    line.area.data(), line.text_length, line.text.data());
  const std::string_view text(buffer.data(), std::min(static_cast<std::size_t>(length), buffer.size() - 1));
  const std::lock_guard hold(output_lock);
  if (output != nullptr) return output(text, output_context);
  // A log that cannot be written has nowhere to complain.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Ring::~Ring() {
  const std::lock_guard hold(rings_lock);
  std::erase(rings, this);
}

void set_level(Level level) {
  least_important.store(level, std::memory_order_relaxed);
}
Level level() {
  return least_important.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view area, std::string_view text) {
  if (level > log::level()) return;
  Line line;
  line.wall_ns = wall_nanoseconds();
  line.level = level;
  line.area_length = copy_cut(line.area, area);
  line.text_length = copy_cut(line.text, text);
  if (own_ring != nullptr) return own_ring->put(line);
  emit(line);
}

void writef(Level level, std::string_view area, const char* format, ...) {
  if (level > log::level()) return;
  std::array<char, kLongestText + 1> text;
  std::va_list arguments;
  va_start(arguments, format);
  const auto length = std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  if (length < 0) return;
  write(level, area, {text.data(), std::min(static_cast<std::size_t>(length), kLongestText)});
}

void attach(Ring* ring) {
  own_ring = ring;
  if (ring == nullptr) return;
  const std::lock_guard hold(rings_lock);
  if (rings.size() < kMostRings && std::ranges::find(rings, ring) == rings.end()) rings.push_back(ring);
}

std::size_t drain() {
  std::size_t count = 0;
  const std::lock_guard hold(rings_lock);
  for (auto* ring : rings) {
    for (Line line; ring->take(line); ++count) emit(line);
    if (const auto lost = ring->take_lost(); lost != 0) {
      writef(Level::warning, "log", "%llu lines were dropped: the ring was full",
             static_cast<unsigned long long>(lost));
    }
  }
  return count;
}

void set_output(Output new_output, void* context) {
  const std::lock_guard hold(output_lock);
  output = new_output;
  output_context = context;
}

}  // namespace postern::log
