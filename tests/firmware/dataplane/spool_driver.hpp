// A spool joined to the real writer: what a packet core does for it, in a test's or a measurement's own loop.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "firmware/dataplane/spool_writer/spool_writer.hpp"
#include "platform/clock/clock.hpp"

namespace postern::dataplane::test {

// A directory of its own that goes with it.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(const std::string& base = "/tmp") {
    auto pattern = base + "/postern-spool-XXXXXX";
    const auto* made = ::mkdtemp(pattern.data());
    path_ = made == nullptr ? "" : made;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Now now() {
  return {clock::kernel_instant(), clock::kernel_wall()};
}

class SpoolDriver {
 public:
  SpoolDriver(SpoolWriter& writer, const spool::Settings& settings)
      : writer_(writer), queue_(writer.queue(settings.shard)), spool_(settings, counters_) {}

  Result<void, Fault> recover() { return writer_.recover(shard_, spool_); }

  // One turn of a poll loop; true where something moved.
  bool turn() {
    bool moved = false;
    spool::DiskAnswer answer;
    while (queue_.answers.pop(answer)) {
      spool_.answered(answer, now());
      --outstanding_;
      moved = true;
    }
    spool::DiskOrder order;
    while (outstanding_ < SpoolQueue::kOrders && spool_.next_order(order)) {
      queue_.orders.push(order);
      ++outstanding_;
      moved = true;
    }
    return moved;
  }

  // Turns until the disk has nothing more to do.
  void settle() {
    do {
      if (!turn()) std::this_thread::sleep_for(std::chrono::microseconds(50));
    } while (outstanding_ != 0 || turn());
  }

  spool::Spool& spool() { return spool_; }
  const spool::Counters& counters() const { return counters_; }
  std::size_t outstanding() const { return outstanding_; }
  const SpoolQueue& queue() const { return queue_; }

 private:
  SpoolWriter& writer_;
  std::size_t shard_ = 0;
  SpoolQueue& queue_;
  spool::Counters counters_;
  spool::Spool spool_;
  std::size_t outstanding_ = 0;
};

}  // namespace postern::dataplane::test
