// Puts a bundle into the idle slot: reads it as a stream, writes what is covered by the signature, switches
// last.
#pragma once

#include <functional>

#include "firmware/control/update/bundle/reader.hpp"
#include "firmware/control/update/install/box.hpp"

namespace postern::control::update {

struct Progress {
  slots::State state = slots::State::idle;
  std::uint64_t done = 0;  // bytes of both images
  std::uint64_t total = 0;
};

struct Wishes {
  bool allow_older = false;
  std::uint32_t confirm_minutes = 0;  // 0: nobody is asked
  std::uint64_t settings_generation =
      0;  // what the running slot should find again when it comes back; 0: unknown
};

struct Installed {
  slots::Entry entry;
  std::string version;
  std::string signed_by;
  bool test_key = false;
  std::uint64_t reused = 0;  // bytes that were taken from the running slot
};

// `read` gives the next bytes of the bundle, none at its end.
using ReadBundle = std::function<Outcome<std::size_t>(MutableBytes into)>;
Outcome<Installed> install(Box& box, const ReadBundle& read, const Wishes& wishes,
                           const std::function<void(const Progress&)>& progress);

// Only looks: the signature, every byte, and whether this box would take it.
struct Inspected {
  Manifest manifest;
  std::string signed_by;
};
Outcome<Inspected> inspect(std::span<const PublicKey> keys, const ReadBundle& read);

}  // namespace postern::control::update
