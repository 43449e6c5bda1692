// What a signed update says of itself, and the layout of the file around it.
//
//   magic (16) | length of the manifest (4) | signature (64) | manifest | chunk table of each image | chunks
//
// Numbers are big-endian. The signature (ed25519) covers magic, length and manifest; the manifest holds the
// hash of each table, a table the hash of each chunk: every byte of the file is covered before it is used. A
// row of a table is hash (32), length (4), source (4: 0 in this file, 1 in the running root), offset in the
// source (8); chunks in the file follow each other in the order of their rows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/slots/writer.hpp"

namespace postern::control::update {

using slots::Hash;
using slots::Outcome;

inline constexpr std::string_view kMagic = "PosternUpdate/1\n";
inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::size_t kHeaderBytes = kMagic.size() + 4 + kSignatureBytes;
inline constexpr std::size_t kMostManifest = 64 * 1024;
inline constexpr std::size_t kRowBytes = 48;
inline constexpr std::size_t kMostChunk = 1 << 20;
inline constexpr std::size_t kMostChunks = 1 << 16;
inline constexpr std::uint64_t kMostImage = std::uint64_t{4} << 30;

enum class Image : std::uint8_t { root, kernel };
inline constexpr std::size_t kImages = 2;
inline constexpr std::array<std::string_view, kImages> kImageNames{"root", "kernel"};

struct ImageRow {
  std::uint64_t size = 0;
  Hash hash{};
  std::uint32_t chunks = 0;
  Hash table{};
};

// The root that chunks are taken from; a bundle with one fits only boxes that run it.
struct Base {
  std::uint64_t size = 0;
  Hash hash{};
  std::string version;
};

struct Manifest {
  std::vector<std::string> boards;
  std::string version;
  std::string floor;       // once it is found good, nothing older is taken any more
  bool downgrade = false;  // may go below a box's floor: the signer says so
  std::string notes;
  std::optional<Base> base;
  std::array<ImageRow, kImages> images;

  std::string text() const;  // JSON, the same for the same manifest
};

// All that is wrong is one line: who made the bundle has to make another.
Outcome<Manifest> parse_manifest(std::string_view text);

struct Row {
  Hash hash{};
  std::uint32_t length = 0;
  bool from_base = false;
  std::uint64_t offset = 0;
};
void put_row(std::vector<std::uint8_t>& table, const Row& row);
// Whole tables only; lengths add up to the image, and sources lie within the base.
Outcome<std::vector<Row>> parse_table(Bytes table, const Manifest& manifest, Image image);

std::string hex(Bytes bytes);
bool from_hex(std::string_view text, MutableBytes into);

}  // namespace postern::control::update
