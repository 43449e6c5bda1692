// Writes the idle slot: the machine's actions on a disk, in the machine's order.
//
// Holds: bytes come in order and in full; nothing is switched unless what is on the disk, read back after a
// sync, has the hashes that were asked for. Every fault leaves the running slot as it was.
#pragma once

#include <sodium.h>

#include <array>
#include <string>

#include "platform/slots/disk.hpp"
#include "platform/slots/machine.hpp"

namespace postern::slots {

using Hash = std::array<std::uint8_t, crypto_hash_sha256_BYTES>;

struct ImageFacts {
  std::uint64_t size = 0;
  Hash hash{};
};

class Writer {
 public:
  // `target` is the slot to write. Nothing happens before begin().
  Writer(Disk& disk, Slot target, ImageFacts root, ImageFacts kernel)
      : disk_(disk), target_(target), root_(root), kernel_(kernel) {}

  // Takes the target's names away.
  Outcome<void> begin();
  Outcome<void> root(Bytes bytes);
  Outcome<void> kernel(Bytes bytes);
  // After all bytes: reads the kernel back and renames it. From here on the loader takes the new slot.
  Outcome<Entry> finish();
  // Nothing was switched; removes what is half written.
  void abandon();

  State state() const { return state_; }
  std::uint64_t written() const { return written_; }

 private:
  Outcome<void> judge(Outcome<void> result);
  Outcome<void> act(Action action);
  Outcome<void> clear();
  Outcome<void> check_root();
  Outcome<void> check_kernel();
  Outcome<void> rename();

  Disk& disk_;
  Slot target_;
  ImageFacts root_;
  ImageFacts kernel_;
  State state_ = State::idle;
  std::uint64_t written_ = 0;  // of the image that is being written
  Entry entry_{};
};

}  // namespace postern::slots
