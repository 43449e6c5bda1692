// Carrying orders out: groups of writes with one sync, reads, removals.
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "firmware/dataplane/spool_writer/writer_state.hpp"

namespace postern::dataplane {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A group is at most this much, so that the first of it does not wait for too much behind it.
constexpr std::uint64_t kGroupBytesMost = 8u << 20;
constexpr std::size_t kGroupOrdersMost = 512;

std::uint64_t tagged(const void* at, std::uint64_t tag) {
  return reinterpret_cast<std::uint64_t>(at) | tag;
}

bool touches(const spool::DiskOrder& order, const spool::DiskOrder& next) {
  return order.offset + order.length == next.offset;
}

}  // namespace

// An entry of the submission queue; where it is full, what is in it goes to the kernel first.
io_uring_sqe* SpoolWriter::State::entry() {
  auto* sqe = io_uring_get_sqe(&ring_);
  while (sqe == nullptr) {
    io_uring_submit(&ring_);
    sqe = io_uring_get_sqe(&ring_);
  }
  ++in_flight_;
  return sqe;
}

void SpoolWriter::State::begin_groups() {
  if (!work_waits_) return;
  work_waits_ = false;
  for (auto& [key, group] : groups_) {
    while (!group->busy() && !group->waiting.empty() && !begin(*group, key.second)) {
    }
    work_waits_ = work_waits_ || !group->waiting.empty();
  }
}

// Moves waiting orders into a group and gives it to the kernel; false: they were refused.
bool SpoolWriter::State::begin(Group& group, spool::SegmentNumber segment) {
  auto& waiting = group.waiting;
  group.writing.clear();
  group.bytes = 0;
  std::size_t count = 0;
  while (count < waiting.size() && count < kGroupOrdersMost && group.bytes < kGroupBytesMost) {
    group.bytes += waiting[count].length;
    group.writing.push_back(waiting[count++]);
  }
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
  if (!prepare(group, segment)) return false;
  submit_group(group);
  return true;
}

// The file is open and has room for the group.
bool SpoolWriter::State::prepare(Group& group, spool::SegmentNumber segment) {
  if (group.file.spoiled()) {
    refuse(group, DiskStatus::failed);
    return false;
  }
  std::uint64_t end = 0;
  for (const auto& order : group.writing) end = std::max(end, order.offset + order.length);
  bool created = false;
  auto status = group.file.open(settings_.segment_bytes, end, created);
  // Space goes a segment at a time: looked at now, the reserve holds however fast mail comes.
  if (created) next_space_ = {};
  if (status == DiskStatus::ok && created) {
    ++counters_.segments_created;
    // The name has to be durable before anything in the file counts.
    if (::fsync(shard_directories_[group.shard].get()) != 0) status = status_of(errno);
  }
  if (status == DiskStatus::ok) status = group.file.reserve(end);
  if (status == DiskStatus::ok) return true;
  say("cannot write " + path(group.shard, segment), status, errno);
  refuse(group, status);
  return false;
}

void SpoolWriter::State::refuse(Group& group, DiskStatus status) {
  for (const auto& order : group.writing) answer(group.shard, order.ticket, status);
  group.writing.clear();
}

// Writes of what touches, then the sync, each linked to the next: one that fails or falls short cancels the
// rest.
void SpoolWriter::State::submit_group(Group& group) {
  group.pieces.clear();
  for (const auto& order : group.writing) group.pieces.push_back({order.data, order.length});
  group.written = 0;
  group.failed = false;
  group.sync_ran = false;
  group.sync_status = DiskStatus::ok;
  group.began = SteadyClock::now();
  // A chain has to be submitted as one.
  if (io_uring_sq_space_left(&ring_) < group.writing.size() + 1) io_uring_submit(&ring_);
  for (std::size_t first = 0; first < group.writing.size();) {
    auto last = first;
    while (last + 1 < group.writing.size() && touches(group.writing[last], group.writing[last + 1])) ++last;
    auto* sqe = entry();
    io_uring_prep_writev(sqe, group.file.fd(), &group.pieces[first], static_cast<unsigned>(last - first + 1),
                         group.writing[first].offset);
    sqe->flags |= IOSQE_IO_LINK;
    sqe->user_data = tagged(&group, kTagWrite);
    ++group.completions;
    ++counters_.writes;
    first = last + 1;
  }
  auto* sqe = entry();
  io_uring_prep_fsync(sqe, group.file.fd(), IORING_FSYNC_DATASYNC);
  sqe->user_data = tagged(&group, kTagSync);
  ++group.completions;
  ++counters_.syncs;
}

void SpoolWriter::State::group_done(Group& group) {
  const auto took = static_cast<std::uint64_t>((SteadyClock::now() - group.began).count());
  counters_.sync_nanoseconds += took;
  counters_.longest_sync_nanoseconds = std::max(counters_.longest_sync_nanoseconds, took);
  work_waits_ = work_waits_ || !group.waiting.empty();
  if (group.sync_ran && group.sync_status != DiskStatus::ok) {
    // What the kernel could not write it may have forgotten: nothing in this file is tried again.
    group.file.spoil();
    say("cannot make " + group.file.path() + " durable", DiskStatus::failed, EIO);
    return refuse(group, DiskStatus::failed);
  }
  if (group.failed || group.written != group.bytes) return one_by_one(group);
  counters_.bytes_written += group.bytes;
  for (const auto& order : group.writing) answer(group.shard, order.ticket, DiskStatus::ok);
  group.writing.clear();
}

// The fast way fell short somewhere: each order by itself, so that those which fit are stored.
void SpoolWriter::State::one_by_one(Group& group) {
  ++counters_.repeated_one_by_one;
  std::vector<DiskStatus> statuses;
  for (const auto& order : group.writing) {
    const auto status = group.file.spoiled() ? DiskStatus::failed : group.file.write(order);
    if (status == DiskStatus::failed) group.file.spoil();
    if (status != DiskStatus::ok) say("cannot write " + group.file.path(), status, errno);
    statuses.push_back(status);
  }
  const auto synced = group.file.sync();
  if (synced != DiskStatus::ok) group.file.spoil();
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const auto status = synced == DiskStatus::ok ? statuses[i] : DiskStatus::failed;
    if (status == DiskStatus::ok) counters_.bytes_written += group.writing[i].length;
    answer(group.shard, group.writing[i].ticket, status);
  }
  group.writing.clear();
}

void SpoolWriter::State::begin_read(std::size_t shard, const spool::DiskOrder& order) {
  auto& source = group(shard, order.segment);
  bool created = false;
  if (source.file.open(0, 0, created) != DiskStatus::ok) {
    say("cannot open " + source.file.path(), DiskStatus::failed, errno);
    return answer(shard, order.ticket, DiskStatus::failed);
  }
  auto& single = new_single(shard, order);
  single.group = &source;
  ++source.reads;
  single.completions = 1;
  auto* sqe = entry();
  io_uring_prep_read(sqe, source.file.fd(), order.data, order.length, order.offset);
  sqe->user_data = tagged(&single, kTagSingle);
}

// The name goes, then the directory is made durable: a spool counts on the order of removals.
void SpoolWriter::State::begin_remove(std::size_t shard, const spool::DiskOrder& order) {
  groups_.erase({shard, order.segment});
  auto& single = new_single(shard, order);
  single.path = path(shard, order.segment);
  single.completions = 2;
  if (io_uring_sq_space_left(&ring_) < 2) io_uring_submit(&ring_);
  auto* sqe = entry();
  io_uring_prep_unlinkat(sqe, AT_FDCWD, single.path.c_str(), 0);
  sqe->flags |= IOSQE_IO_LINK;
  sqe->user_data = tagged(&single, kTagSingle);
  sqe = entry();
  io_uring_prep_fsync(sqe, shard_directories_[shard].get(), 0);
  sqe->user_data = tagged(&single, kTagSingle);
}

Single& SpoolWriter::State::new_single(std::size_t shard, const spool::DiskOrder& order) {
  if (free_singles_.empty()) {
    singles_.push_back(std::make_unique<Single>());
    free_singles_.push_back(singles_.back().get());
  }
  auto& single = *free_singles_.back();
  free_singles_.pop_back();
  single = Single{};
  single.order = order;
  single.shard = shard;
  return single;
}

void SpoolWriter::State::single_done(Single& single) {
  const auto& order = single.order;
  auto status = DiskStatus::ok;
  if (order.kind == spool::DiskOrder::Kind::read) {
    --single.group->reads;
    counters_.bytes_read += single.result > 0 ? static_cast<std::uint64_t>(single.result) : 0;
    if (single.result != static_cast<int>(order.length)) status = DiskStatus::failed;
    if (single.result < 0) say("cannot read " + single.group->file.path(), status, -single.result);
  } else if (single.result < 0 && single.result != -ENOENT) {
    status = DiskStatus::failed;
    say("cannot remove " + single.path, status, -single.result);
  } else {
    ++counters_.segments_removed;
  }
  answer(single.shard, order.ticket, status);
  free_singles_.push_back(&single);
}

}  // namespace postern::dataplane
