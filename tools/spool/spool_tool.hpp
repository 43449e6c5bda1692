// postern-spool: lists, shows and checks what is in a spool directory. It only reads, so it may run beside
// the data plane.
#pragma once

#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/spool/reader.hpp"
#include "platform/base/result.hpp"

namespace postern::tools {

inline constexpr std::string_view kDefaultSpool = "/var/spool/postern";

// One packet core's part of a spool, read.
struct ShardContent {
  std::size_t shard = 0;
  std::string directory;
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t records = 0;
  std::size_t incomplete = 0;
  std::vector<spool::ListedMessage> messages;
  std::vector<spool::Spool::Damage> damages;
};

Result<std::vector<ShardContent>, Fault> read_spool(const std::string& directory);

// The body's bytes, each record checked; false where one cannot be read, after what could be.
bool write_body(const ShardContent& shard, const spool::ListedMessage& message, std::FILE* out);

// -- what is printed (print.cpp)
void print_list(const std::vector<ShardContent>& shards, std::FILE* out);
void print_list_json(const std::vector<ShardContent>& shards, std::FILE* out);
void print_message(const ShardContent& shard, const spool::ListedMessage& message, std::FILE* out);
// True where nothing is damaged.
bool print_check(const std::vector<ShardContent>& shards, std::FILE* out);

// The whole program; the exit status.
int spool_tool(std::span<const std::string_view> arguments, std::FILE* out, std::FILE* err);

}  // namespace postern::tools
