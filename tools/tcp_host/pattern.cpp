#include "tools/tcp_host/pattern.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace postern::tcp_host {
namespace {

constexpr std::size_t kLeastPiece = 32 * 1024;
constexpr std::size_t kTableSize = kPatternPeriod + kLeastPiece;

std::vector<std::uint8_t> make_pattern() {
  std::vector<std::uint8_t> table(kTableSize);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::size_t line = i / kLine % kRing;
    const std::size_t column = i % kLine;
    table[i] = column == kLine - 2   ? '\r'
               : column == kLine - 1 ? '\n'
                                     : static_cast<std::uint8_t>(' ' + (line + column) % kRing);
  }
  return table;
}

std::array<std::uint32_t, 256> make_crc() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? value >> 1 ^ 0xedb88320u : value >> 1;
    table[i] = value;
  }
  return table;
}

}  // namespace

Bytes pattern(std::uint64_t offset) {
  static const std::vector<std::uint8_t> table = make_pattern();
  return Bytes(table).subspan(offset % kPatternPeriod);
}

bool is_pattern(Bytes bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const Bytes wanted = pattern(offset);
    const std::size_t count = std::min(wanted.size(), bytes.size());
    if (std::memcmp(bytes.data(), wanted.data(), count) != 0) return false;
    bytes = bytes.subspan(count);
    offset += count;
  }
  return true;
}

std::uint32_t crc32(std::uint32_t crc, Bytes bytes) {
  static const auto table = make_crc();
  crc = ~crc;
  for (const auto byte : bytes) crc = table[(crc ^ byte) & 0xff] ^ crc >> 8;
  return ~crc;
}

}  // namespace postern::tcp_host
