// Making, locking and recovering a spool's directory.
#include "firmware/dataplane/spool_writer/spool_directory.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "platform/log/log.hpp"
#include "platform/process/lock_file.hpp"

namespace postern::dataplane {
namespace {

tl::unexpected<Fault> cannot(const std::string& what, int error, const std::string& remedy) {
  return fault("spool: cannot " + what + ": " + std::strerror(error) + "; " + remedy);
}

Result<void, Fault> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) return {};
    return fault("spool: " + path + " is not a directory; move it away or set another spool directory");
  }
  const auto error = errno;
  return cannot("make the directory " + path, error,
                error == ENOENT ? "make its parent first" : "give the data plane the right to write there");
}

Result<void, Fault> sync_directory(const std::string& path) {
  const process::Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) {
    return cannot("make " + path + " durable", errno, "check the disk");
  }
  return {};
}

// Temporary name, durable, then the real name: it is whole or it is not there.
Result<void, Fault> write_salt(const std::string& directory, std::uint64_t salt) {
  const auto path = directory + "/salt";
  const auto fresh = path + ".new";
  const auto line = spool::text(salt) + "\n";
  const process::Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool written = file &&
                       ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       ::fsync(file.get()) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
  if (!written) return cannot("write " + path, errno, "free space on that disk or check its rights");
  return sync_directory(directory);
}

// The salt of this directory; a new one where there is none or it cannot be understood (segments carry their
// own).
Result<std::uint64_t, Fault> read_salt(const std::string& directory) {
  if (const auto salt = salt_in(directory); salt != 0) return salt;
  const auto path = directory + "/salt";
  if (::access(path.c_str(), F_OK) == 0)
    log::write(log::Level::warning, "spool", path + " is damaged; a new one is made");
  std::uint64_t salt = 0;
  while (salt == 0) {
    if (::getrandom(&salt, sizeof salt, 0) != sizeof salt)
      return cannot("get random numbers", errno, "check the system");
  }
  if (auto written = write_salt(directory, salt); !written) return tl::unexpected(written.error());
  return salt;
}

// Mail of a shard nobody runs would lie there unseen.
Result<void, Fault> refuse_left_over(const std::string& directory, std::size_t shards) {
  const auto present = shards_in(directory);
  if (!present) return tl::unexpected(present.error());
  for (const auto shard : *present) {
    if (shard < shards) continue;
    spool::Reader reader(salt_in(directory));
    const auto read = read_shard(shard_directory(directory, shard), reader);
    if (!read) return tl::unexpected(read.error());
    const auto messages = reader.messages().size();
    if (messages == 0) continue;
    return fault("spool: " + shard_directory(directory, shard) + " holds " + std::to_string(messages) +
                 " message(s) of packet core " + std::to_string(shard) + ", but this board has only " +
                 std::to_string(shards) +
                 " packet core(s); start once with as many as before until the queue is empty");
  }
  return {};
}

void log_damage(const std::string& directory, const spool::Spool& spool) {
  constexpr std::size_t kLinesMost = 20;
  const auto damage = spool.damage();
  for (const auto& one : damage.first(std::min(damage.size(), kLinesMost))) {
    const auto whose = one.id == 0 ? std::string() : " (message " + spool::text(one.id) + ")";
    log::write(log::Level::warning, "spool",
               directory + "/" + spool::segment_file_name(one.segment) + " at " + std::to_string(one.offset) +
                   ": " + std::to_string(one.length) + " bytes: " + std::string(one.what) + whose +
                   ", set aside");
  }
  if (damage.size() > kLinesMost) {
    log::write(log::Level::warning, "spool",
               std::to_string(damage.size() - kLinesMost) + " more damaged places; see postern-spool check");
  }
}

}  // namespace

Result<SpoolDirectory, Fault> SpoolDirectory::open(const std::string& path, std::size_t shards) {
  if (auto made = make_directory(path); !made) return tl::unexpected(made.error());
  auto lock = process::take_lock(path + "/lock");
  if (!lock)
    return fault("spool: " + lock.error().reason +
                 "; stop the other data plane or set another spool directory");
  const auto salt = read_salt(path);
  if (!salt) return tl::unexpected(salt.error());
  for (std::size_t shard = 0; shard < shards; ++shard) {
    if (auto made = make_directory(shard_directory(path, shard)); !made) return tl::unexpected(made.error());
  }
  if (auto synced = sync_directory(path); !synced) return tl::unexpected(synced.error());
  if (auto fine = refuse_left_over(path, shards); !fine) return tl::unexpected(fine.error());
  return SpoolDirectory(path, std::move(*lock), *salt);
}

Result<void, Fault> SpoolDirectory::recover(std::size_t shard, spool::Spool& spool, Now now) const {
  const auto directory = shard_directory(path_, shard);
  const auto segments = segments_in(directory);
  if (!segments) return fault("spool: " + segments.error().reason);
  spool.use_salt(salt_);
  for (const auto number : *segments) {
    const auto path = directory + "/" + spool::segment_file_name(number);
    const auto read =
        read_segment(path, [&](std::uint64_t offset, Bytes bytes) { spool.recover(number, offset, bytes); });
    if (!read) return fault("spool: " + read.error().reason);
    spool.recover_segment_end(number, read->size);
    if (read->unreadable == 0) continue;
    log::write(
        log::Level::error, "spool",
        path + ": the disk does not give " + std::to_string(read->unreadable) + " bytes; replace it soon");
  }
  spool.recovered(now);
  log_damage(directory, spool);
  return {};
}

}  // namespace postern::dataplane
