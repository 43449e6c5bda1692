// Listing and reading segment files.
#include "firmware/dataplane/spool_writer/spool_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "platform/process/descriptor.hpp"

namespace postern::dataplane {
namespace {

constexpr std::size_t kPiece = 1u << 20;

tl::unexpected<Fault> cannot(std::string_view what, const std::string& path, int error) {
  return fault("cannot " + std::string(what) + " " + path + ": " + std::strerror(error));
}

// Start of the next bytes that are not a hole; `size` where there are none.
std::uint64_t next_data(int fd, std::uint64_t at, std::uint64_t size) {
  const auto found = ::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
  if (found >= 0) return static_cast<std::uint64_t>(found);
  return errno == ENXIO ? size : at;
}

}  // namespace

std::string shard_directory(const std::string& directory, std::size_t shard) {
  return directory + "/" + std::to_string(shard);
}

std::uint64_t salt_in(const std::string& directory) {
  const process::Descriptor file(::open((directory + "/salt").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  char line[16] = {};
  if (!file || ::read(file.get(), line, sizeof line) != sizeof line) return 0;
  return spool::message_id_of({line, sizeof line});
}

Result<std::vector<std::size_t>, Fault> shards_in(const std::string& directory) {
  std::vector<std::size_t> shards;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const auto name = entry.path().filename().string();
    std::size_t shard = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), shard);
    if (wrong == std::errc() && end == name.data() + name.size()) shards.push_back(shard);
  }
  if (error) return cannot("read the directory", directory, error.value());
  std::sort(shards.begin(), shards.end());
  return shards;
}

Result<std::vector<spool::SegmentNumber>, Fault> segments_in(const std::string& shard_directory) {
  std::vector<spool::SegmentNumber> segments;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(shard_directory, error)) {
    const auto number = spool::segment_of_file_name(entry.path().filename().string());
    if (number != 0) segments.push_back(number);
  }
  if (error && error.value() != ENOENT) return cannot("read the directory", shard_directory, error.value());
  std::sort(segments.begin(), segments.end());
  return segments;
}

Result<ReadSegment, Fault> read_segment(const std::string& path, const Feed& feed) {
  ReadSegment result;
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) {
    result.gone = true;
    return result;
  }
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return cannot("open", path, errno);
  result.size = static_cast<std::uint64_t>(facts.st_size);
  std::vector<std::uint8_t> piece(kPiece);
  for (std::uint64_t at = next_data(file.get(), 0, result.size); at < result.size;) {
    const auto wanted = std::min<std::uint64_t>(kPiece - at % 4096, result.size - at);
    const auto got = ::pread(file.get(), piece.data(), wanted, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) break;
    if (got < 0) {  // set aside a page and go on behind it
      result.unreadable += 4096;
      at += 4096 - at % 4096;
      continue;
    }
    feed(at, Bytes(piece).first(static_cast<std::size_t>(got)));
    at = next_data(file.get(), at + static_cast<std::uint64_t>(got), result.size);
  }
  return result;
}

Result<ReadShard, Fault> read_shard(const std::string& shard_directory, spool::Reader& reader) {
  ReadShard result;
  const auto segments = segments_in(shard_directory);
  if (!segments) return tl::unexpected(segments.error());
  for (const auto number : *segments) {
    const auto path = shard_directory + "/" + spool::segment_file_name(number);
    const auto read =
        read_segment(path, [&](std::uint64_t offset, Bytes bytes) { reader.feed(number, offset, bytes); });
    if (!read) return tl::unexpected(read.error());
    reader.segment_end(number);
    result.segments += !read->gone;
    result.bytes += read->size;
    result.unreadable += read->unreadable;
  }
  return result;
}

}  // namespace postern::dataplane
