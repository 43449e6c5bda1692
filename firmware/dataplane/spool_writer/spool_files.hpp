// Reading the files of a spool: `<directory>/<shard>/<16 hex digits>.seg`. For start-up and for tools.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "firmware/spool/reader.hpp"
#include "platform/base/result.hpp"

namespace postern::dataplane {

std::string shard_directory(const std::string& directory, std::size_t shard);

// The salt kept in the directory; 0 where there is none or it cannot be understood.
std::uint64_t salt_in(const std::string& directory);

// Shards that have a directory here, ascending.
Result<std::vector<std::size_t>, Fault> shards_in(const std::string& directory);

// Segment numbers in a shard's directory, ascending. An absent directory has none.
Result<std::vector<spool::SegmentNumber>, Fault> segments_in(const std::string& shard_directory);

struct ReadSegment {
  std::uint64_t size = 0;
  std::uint64_t unreadable = 0;  // bytes the disk would not give
  bool gone = false;             // removed since it was listed
};

// Feeds one file in pieces, leaving out its holes and what cannot be read.
using Feed = std::function<void(std::uint64_t offset, Bytes bytes)>;
Result<ReadSegment, Fault> read_segment(const std::string& path, const Feed& feed);

// A whole shard's directory, while the data plane may be writing to it.
struct ReadShard {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unreadable = 0;
};
Result<ReadShard, Fault> read_shard(const std::string& shard_directory, spool::Reader& reader);

}  // namespace postern::dataplane
