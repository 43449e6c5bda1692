// The inside of a SpoolWriter: what its thread works with. writer_loop.cpp takes and rests, writer_commit.cpp
// writes groups.
#pragma once

#include <liburing.h>

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "firmware/dataplane/spool_writer/group.hpp"
#include "firmware/dataplane/spool_writer/spool_directory.hpp"
#include "firmware/dataplane/spool_writer/spool_writer.hpp"

namespace postern::dataplane {

// What a completion belongs to; in the low bits of a pointer.
enum Tag : std::uint64_t { kTagSingle = 0, kTagWrite = 1, kTagSync = 2 };

// A read or a removal under way.
struct Single {
  spool::DiskOrder order;
  std::size_t shard = 0;
  Group* group = nullptr;  // of a read
  std::string path;        // of a removal
  int result = 0;
  std::uint32_t completions = 0;  // still to come
};

struct SpoolWriter::State {
  State(const SpoolWriterSettings& settings, SpoolDirectory&& directory, SpoolWriterCounters& counters);
  ~State();
  Result<void, Fault> open_ring();

  // -- the loop (writer_loop.cpp)
  void run();
  std::size_t take_orders();
  void take(std::size_t shard, const spool::DiskOrder& order);
  void rest(bool worked);
  void look_at_space();
  void answer(std::size_t shard, std::uint64_t ticket, DiskStatus status);
  Group& group(std::size_t shard, spool::SegmentNumber segment);
  void close_some();
  std::string path(std::size_t shard, spool::SegmentNumber segment) const;
  void say(const std::string& what, DiskStatus status, int error);

  // -- carrying out (writer_commit.cpp)
  void begin_groups();
  bool begin(Group& group, spool::SegmentNumber segment);
  bool prepare(Group& group, spool::SegmentNumber segment);
  void submit_group(Group& group);
  void group_done(Group& group);
  void one_by_one(Group& group);
  void refuse(Group& group, DiskStatus status);
  void begin_read(std::size_t shard, const spool::DiskOrder& order);
  void begin_remove(std::size_t shard, const spool::DiskOrder& order);
  Single& new_single(std::size_t shard, const spool::DiskOrder& order);
  void single_done(Single& single);
  void single_completed(Single& single, int result);
  void group_completed(Group& group, Tag tag, int result);
  void reap();
  io_uring_sqe* entry();

  SpoolWriterSettings settings_;
  SpoolDirectory directory_;
  SpoolWriterCounters& counters_;
  std::vector<std::unique_ptr<SpoolQueue>> queues_;
  std::vector<process::Descriptor> shard_directories_;
  std::map<std::pair<std::size_t, spool::SegmentNumber>, std::unique_ptr<Group>> groups_;
  std::vector<std::unique_ptr<Single>> singles_;
  std::vector<Single*> free_singles_;
  io_uring ring_{};
  bool ring_open_ = false;
  std::uint32_t in_flight_ = 0;
  bool work_waits_ = false;  // some group has waiting orders
  std::chrono::steady_clock::time_point next_space_{};
  std::chrono::steady_clock::time_point next_words_{};
  std::chrono::nanoseconds rest_{};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace postern::dataplane
