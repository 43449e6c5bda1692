// The decision, and the sleep itself.
#include "drivers/nic/idle.hpp"

#include <algorithm>
#include <ctime>

namespace postern::nic {
namespace {

// Shorter sleeps cost more than they save.
constexpr Duration kShortestSleep = 2us;

Duration monotonic() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

IdleGovernor::IdleGovernor(const IdleSettings& settings, std::span<Port* const> ports)
    : settings_(settings), next_(settings.first) {
  if (ports.size() > kMostPorts) return;
  for (const auto* port : ports) {
    const int descriptor = port->wait_descriptor();
    if (descriptor < 0) {
      // One port that cannot wake us is enough: then no descriptor is waited for.
      descriptor_count_ = 0;
      return;
    }
    descriptors_[descriptor_count_++] = {.fd = descriptor, .events = POLLIN, .revents = 0};
  }
}

Duration IdleGovernor::decide(bool worked, Instant now, Instant deadline) {
  if (worked || !settings_.may_sleep) {
    empty_ = 0;
    next_ = settings_.first;
    return Duration::zero();
  }
  if (++empty_ < settings_.empty_polls) return Duration::zero();
  // Between two sleeps a few polls are enough.
  empty_ = settings_.empty_polls - std::min<std::uint32_t>(settings_.empty_polls, 4);
  const auto span = std::min(next_, deadline == kNever ? settings_.longest : deadline - now);
  next_ = std::min(next_ * 2, settings_.longest);
  return span >= kShortestSleep ? span : Duration::zero();
}

void IdleGovernor::sleep(Duration span) {
  const auto before = monotonic();
  const timespec wait{.tv_sec = 0, .tv_nsec = std::min<Duration>(span, 999ms).count()};
  // With no descriptors ppoll(2) is a plain sleep.
  const int ready = ::ppoll(descriptors_.data(), descriptor_count_, &wait, nullptr);
  const auto slept = monotonic() - before;
  ++counters_.sleeps;
  counters_.slept_nanoseconds += static_cast<Counter>(slept.count());
  if (ready > 0) {
    ++counters_.woken_by_frame;
  } else if (slept > span) {
    const auto late = static_cast<Counter>((slept - span).count());
    counters_.late_nanoseconds += late;
    counters_.longest_late_nanoseconds = std::max(counters_.longest_late_nanoseconds, late);
  }
}

}  // namespace postern::nic
