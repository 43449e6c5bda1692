// The orders of one segment file: those waiting and the group being made durable.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "firmware/dataplane/spool_writer/segment_file.hpp"

namespace postern::dataplane {

struct Group {
  Group(std::size_t owner, std::string path) : shard(owner), file(std::move(path)) {}

  std::size_t shard;
  SegmentFile file;
  std::vector<spool::DiskOrder> waiting;
  std::vector<spool::DiskOrder> writing;
  std::vector<iovec> pieces;      // of `writing`
  std::uint64_t bytes = 0;        // of `writing`
  std::uint64_t written = 0;      // of them, by completions
  std::uint32_t completions = 0;  // still to come
  bool failed = false;            // some completion was not as hoped
  DiskStatus sync_status = DiskStatus::ok;
  bool sync_ran = false;
  std::uint32_t reads = 0;  // under way
  std::chrono::steady_clock::time_point began;

  bool busy() const { return completions != 0; }
  bool idle() const { return completions == 0 && reads == 0 && waiting.empty(); }
};

}  // namespace postern::dataplane
