// An in-memory disk for a spool: it keeps apart what was synced and what was only written.
//
// Orders wait until the test answers them. A crash keeps what was synced and, of each write not answered yet,
// nothing, all, or a torn beginning. Faults are chosen by the test: no space, errors, flipped bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "firmware/spool/spool.hpp"

namespace postern::spool::test {

using Random = std::mt19937_64;

class MemoryDisk {
 public:
  using Status = DiskAnswer::Status;
  using File = std::vector<std::uint8_t>;

  // What a write or read is answered with; ok unless the test says otherwise.
  std::function<Status(const DiskOrder&)> fault;
  std::uint64_t capacity = ~std::uint64_t{0};
  // Files grow to this at once and so end in zeros.
  std::uint64_t preallocate = 0;

  void take(const DiskOrder& order) { pending_.push_back(order); }
  std::size_t pending() const { return pending_.size(); }

  // Carries out the order at `index` of those waiting, durably, and answers it.
  DiskAnswer answer(std::size_t index) {
    const auto order = pending_[index];
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
    auto status = fault ? fault(order) : Status::ok;
    if (status == Status::ok) status = carry_out(order);
    return {status, order.ticket};
  }

  // The machine stops: what is left is all there ever was.
  void crash(Random& random) {
    for (const auto& order : pending_) {
      if (order.kind == DiskOrder::Kind::remove && random() % 2 == 0) files_.erase(order.segment);
      if (order.kind != DiskOrder::Kind::write) continue;
      const auto fate = random() % 3;
      if (fate != 0) store(order, fate == 1 ? order.length : random() % (order.length + 1));
    }
    pending_.clear();
  }

  std::map<SegmentNumber, File>& files() { return files_; }
  std::uint64_t used() const {
    std::uint64_t sum = 0;
    for (const auto& [number, file] : files_) sum += file.size();
    return sum;
  }

  // Feeds everything to a new spool, in pieces of random length.
  void recover(Spool& spool, Random& random, Now now) const {
    for (const auto& [number, file] : files_) {
      for (std::size_t at = 0; at < file.size();) {
        const auto piece = std::min<std::size_t>(file.size() - at, 1 + random() % 5000);
        spool.recover(number, at, Bytes(file).subspan(at, piece));
        at += piece;
      }
      spool.recover_segment_end(number, file.size());
    }
    spool.recovered(now);
  }

 private:
  void store(const DiskOrder& order, std::size_t length) {
    auto& file = files_[order.segment];
    const auto end = std::max<std::uint64_t>(order.offset + length, preallocate);
    if (file.size() < end) file.resize(end);
    std::copy_n(order.data, length, file.begin() + static_cast<std::ptrdiff_t>(order.offset));
  }

  Status carry_out(const DiskOrder& order) {
    if (order.kind == DiskOrder::Kind::remove) {
      files_.erase(order.segment);
    } else if (order.kind == DiskOrder::Kind::read) {
      const auto file = files_.find(order.segment);
      if (file == files_.end() || file->second.size() < order.offset + order.length) return Status::failed;
      std::copy_n(file->second.begin() + static_cast<std::ptrdiff_t>(order.offset), order.length, order.data);
    } else {
      const auto known = files_.find(order.segment);
      const auto size = known == files_.end() ? 0 : known->second.size();
      const auto grows = order.offset + order.length > size ? order.offset + order.length - size : 0;
      if (used() + grows > capacity) return Status::no_space;
      store(order, order.length);
    }
    return Status::ok;
  }

  std::map<SegmentNumber, File> files_;
  std::deque<DiskOrder> pending_;
};

}  // namespace postern::spool::test
