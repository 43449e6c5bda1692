// hello: the data plane's first words on a connection. With it come two descriptors: the counters page
// (reading only) and the outcome rings.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

// Names one published pair of settings and credentials; control makes it, the data plane only repeats it.
using Digest = std::array<std::uint8_t, 32>;

struct Hello {
  std::string version;  // of the program
  std::uint32_t pid = 0;
  std::uint32_t shards = 0;
  std::uint64_t started_wall_ns = 0;  // UTC
  std::uint64_t generation = 0;       // taken last; 0: none yet, waiting
  Digest digest{};                    // of that generation
  std::uint64_t tickets_wall_ns = 0;  // when the newest ticket key came; 0: none yet
};

std::vector<std::uint8_t> write(const Hello& hello);
std::optional<Hello> read_hello(Bytes body);

}  // namespace postern::ipc
