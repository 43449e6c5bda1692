// Lines for people: one event, one line, on standard error.
//
// A thread that may block writes its line at once. A packet core never writes: it attaches a Ring first, and
// its lines wait there, in fixed memory and without a system call, until the housekeeping thread calls
// drain(). A full ring drops the line and counts it; the drop itself is reported with the next drain.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "platform/base/spsc_ring.hpp"

namespace postern::log {

enum class Level : std::uint8_t { error, warning, notice, info, debug };

// Longest text of a line; what is longer is cut.
inline constexpr std::size_t kLongestText = 216;

struct Line {
  std::int64_t wall_ns = 0;
  Level level = Level::info;
  std::uint8_t area_length = 0;
  std::uint8_t text_length = 0;
  std::array<char, 16> area{};
  std::array<char, kLongestText> text{};
};

// The lines of one packet core on their way to the housekeeping thread.
class Ring {
 public:
  ~Ring();
  void put(const Line& line) {
    if (!lines_.push(line)) lost_.fetch_add(1, std::memory_order_relaxed);
  }
  bool take(Line& line) { return lines_.pop(line); }
  std::uint64_t take_lost() { return lost_.exchange(0, std::memory_order_relaxed); }

 private:
  SpscRing<Line, 256> lines_;
  std::atomic<std::uint64_t> lost_{0};
};

// Lines less important than `level` are not made. `info` at start.
void set_level(Level level);
Level level();

// Writes one line: "2026-01-31T12:00:00.123Z warning nic: text". Control characters become spaces.
void write(Level level, std::string_view area, std::string_view text);
[[gnu::format(printf, 3, 4)]] void writef(Level level, std::string_view area, const char* format, ...);

// From here on the calling thread's lines go into `ring`; nullptr ends it. The ring outlives the thread's use
// of it.
void attach(Ring* ring);
// Writes what waits in the rings; returns how many lines that were. Called by one thread only.
std::size_t drain();

// Where finished lines go instead of standard error (tests, the log panel); nullptr: standard error again.
using Output = void (*)(std::string_view line, void* context);
void set_output(Output output, void* context);

}  // namespace postern::log
