// The writer's loop: take orders, begin groups, wait, answer; sleep when there is nothing.
#include <sys/statvfs.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "firmware/dataplane/spool_writer/writer_state.hpp"
#include "platform/log/log.hpp"

namespace postern::dataplane {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kOrdersPerTurn = 512;  // of each shard
constexpr auto kLookEvery = 100us;
constexpr auto kRestFirst = 20us;
constexpr auto kRestMost = 500us;
constexpr auto kSpaceEvery = 1s;
constexpr std::size_t kOpenFilesMost = 128;

timespec span(std::chrono::nanoseconds time) {
  return {0, static_cast<long>(time.count())};
}

}  // namespace

void SpoolWriter::State::run() {
  for (;;) {
    // Read before the rings: what was pushed before the stop is still taken.
    const bool stopping = stop_.load(std::memory_order_acquire);
    const auto taken = take_orders();
    begin_groups();
    if (in_flight_ != 0) {
      io_uring_submit(&ring_);
      reap();
    } else if (taken == 0 && stopping) {
      return;
    }
    if (in_flight_ == 0) rest(taken != 0);
    look_at_space();
  }
}

std::size_t SpoolWriter::State::take_orders() {
  std::size_t taken = 0;
  spool::DiskOrder order;
  for (std::size_t shard = 0; shard < queues_.size(); ++shard) {
    for (std::size_t i = 0; i < kOrdersPerTurn && queues_[shard]->orders.pop(order); ++i, ++taken)
      take(shard, order);
  }
  counters_.orders += taken;
  return taken;
}

void SpoolWriter::State::take(std::size_t shard, const spool::DiskOrder& order) {
  using Kind = spool::DiskOrder::Kind;
  if (order.kind == Kind::read) return begin_read(shard, order);
  if (order.kind == Kind::remove) return begin_remove(shard, order);
  group(shard, order.segment).waiting.push_back(order);
  work_waits_ = true;
}

void SpoolWriter::State::rest(bool worked) {
  if (worked) {
    rest_ = kRestFirst;
    return;
  }
  rest_ = std::clamp<std::chrono::nanoseconds>(rest_ * 2, kRestFirst, kRestMost);
  ++counters_.rests;
  const auto time = span(rest_);
  ::nanosleep(&time, nullptr);
}

void SpoolWriter::State::look_at_space() {
  const auto now = SteadyClock::now();
  if (now < next_space_) return;
  next_space_ = now + kSpaceEvery;
  struct statvfs facts {};
  if (::statvfs(settings_.directory.c_str(), &facts) != 0) return;
  const auto free = std::uint64_t{facts.f_bavail} * facts.f_frsize;
  for (auto& queue : queues_) queue->free_bytes.store(free, std::memory_order_relaxed);
}

void SpoolWriter::State::answer(std::size_t shard, std::uint64_t ticket, DiskStatus status) {
  counters_.no_space += status == DiskStatus::no_space;
  counters_.failed += status == DiskStatus::failed;
  while (!queues_[shard]->answers.push(
      {status, ticket})) {  // the core is behind: never where it keeps to its bound
    const auto time = span(kLookEvery);
    ::nanosleep(&time, nullptr);
  }
}

Group& SpoolWriter::State::group(std::size_t shard, spool::SegmentNumber segment) {
  auto& group = groups_[{shard, segment}];
  if (!group) {
    group = std::make_unique<Group>(shard, path(shard, segment));
    close_some();
  }
  return *group;
}

// Old files nobody is using; the newest of each shard stay open.
void SpoolWriter::State::close_some() {
  for (auto at = groups_.begin(); groups_.size() > kOpenFilesMost && at != groups_.end();) {
    const auto next = std::next(at);
    const bool newest = next == groups_.end() || next->first.first != at->first.first;
    const bool closable = !newest && at->second && at->second->file.is_open() && at->second->idle();
    at = closable ? groups_.erase(at) : next;
  }
}

std::string SpoolWriter::State::path(std::size_t shard, spool::SegmentNumber segment) const {
  return shard_directory(settings_.directory, shard) + "/" + spool::segment_file_name(segment);
}

// At most one line a second: a full disk refuses every order.
void SpoolWriter::State::say(const std::string& what, DiskStatus status, int error) {
  const auto now = SteadyClock::now();
  if (now < next_words_) return;
  next_words_ = now + 1s;
  const auto remedy =
      status == DiskStatus::no_space
          ? "free space on that disk; until then senders get 452"
          : "check the disk; senders get 451 and try again, what was stored before is untouched";
  const auto why = status == DiskStatus::no_space ? "no space left" : std::strerror(error);
  log::write(log::Level::error, "spool", what + ": " + why + "; " + remedy);
}

// Waits for the kernel, but not longer than the rings may wait for a look, and deals with what it says.
void SpoolWriter::State::reap() {
  io_uring_cqe* completion = nullptr;
  __kernel_timespec wait{0, std::chrono::nanoseconds(kLookEvery).count()};
  io_uring_wait_cqe_timeout(&ring_, &completion, &wait);
  while (io_uring_peek_cqe(&ring_, &completion) == 0) {
    const auto tag = completion->user_data;
    const auto result = completion->res;
    io_uring_cqe_seen(&ring_, completion);
    --in_flight_;
    auto* at = reinterpret_cast<void*>(tag & ~std::uint64_t{7});
    if ((tag & 7) == kTagSingle) {
      single_completed(*static_cast<Single*>(at), result);
    } else {
      group_completed(*static_cast<Group*>(at), static_cast<Tag>(tag & 7), result);
    }
  }
}

// The first thing that went wrong is the result; a removal's sync that was cancelled says nothing new.
void SpoolWriter::State::single_completed(Single& single, int result) {
  if (single.result >= 0) single.result = result;
  if (--single.completions == 0) single_done(single);
}

void SpoolWriter::State::group_completed(Group& group, Tag tag, int result) {
  if (tag == kTagSync) {
    group.sync_ran = result != -ECANCELED;
    if (group.sync_ran && result < 0) group.sync_status = status_of(-result);
  }
  group.failed = group.failed || result < 0;
  if (tag == kTagWrite && result > 0) group.written += static_cast<std::uint64_t>(result);
  if (--group.completions == 0) group_done(group);
}

}  // namespace postern::dataplane
