// Cuts bytes where their content says so: see the header.
#include "tools/bundle/chunks.hpp"

#include <array>

namespace postern::tools {
namespace {

constexpr std::size_t kLeast = 16 * 1024;
constexpr std::size_t kMost = 256 * 1024;
constexpr std::uint64_t kMask = 0xFFFF000000000000;  // 16 bits: every 64 KiB on average

// A fixed table of random numbers (splitmix64), one for each byte; the same everywhere and always.
std::array<std::uint64_t, 256> make_gear() {
  std::array<std::uint64_t, 256> table{};
  std::uint64_t state = 0x506f737465726e21;
  for (auto& entry : table) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    entry = z ^ (z >> 31);
  }
  return table;
}

std::size_t length_of_first(Bytes bytes) {
  static const auto kGear = make_gear();
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < bytes.size() && i < kMost; ++i) {
    hash = (hash << 1) + kGear[bytes[i]];
    if (i + 1 >= kLeast && (hash & kMask) == 0) return i + 1;
  }
  return std::min(bytes.size(), kMost);
}

}  // namespace

std::vector<Bytes> cut_into_chunks(Bytes bytes) {
  std::vector<Bytes> chunks;
  while (!bytes.empty()) {
    const auto length = length_of_first(bytes);
    chunks.push_back(bytes.first(length));
    bytes = bytes.subspan(length);
  }
  return chunks;
}

}  // namespace postern::tools
