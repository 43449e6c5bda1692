// Reads a bundle as a stream: see the header.
#include "firmware/control/update/bundle/reader.hpp"

#include <algorithm>

namespace postern::control::update {
namespace {

bool matches(Bytes bytes, const Hash& hash) {
  Hash own;
  crypto_hash_sha256(own.data(), bytes.data(), bytes.size());
  return own == hash;
}

}  // namespace

Outcome<void> BundleReader::feed(Bytes bytes) {
  if (part_ == Part::broken) return fault("the bundle was refused already");
  while (!bytes.empty()) {
    if (part_ == Part::end) {
      part_ = Part::broken;
      return fault("something follows the end of the bundle");
    }
    const auto some = std::min(bytes.size(), wanted_ - held_.size());
    held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<long>(some));
    bytes = bytes.subspan(some);
    if (held_.size() < wanted_) return {};
    if (auto taken = take_part(); !taken) {
      part_ = Part::broken;
      return taken;
    }
  }
  return {};
}

Outcome<void> BundleReader::finish() {
  if (part_ == Part::end) return {};
  if (part_ == Part::broken) return fault("the bundle was refused already");
  part_ = Part::broken;
  return fault("the bundle is cut off: its end is missing");
}

Outcome<void> BundleReader::take_part() {
  auto taken = std::move(held_);
  held_.clear();
  switch (part_) {
    case Part::header:
      header_ = std::move(taken);
      return take_header();
    case Part::manifest:
      held_ = std::move(taken);
      return take_manifest();
    case Part::table:
      held_ = std::move(taken);
      return take_table();
    case Part::chunks:
      return take_chunk(taken);
    default:
      return {};
  }
}

Outcome<void> BundleReader::take_header() {
  if (!as_text(header_).starts_with(kMagic)) return fault("this is no update bundle of Postern");
  wanted_ = load_be32(&header_[kMagic.size()]);
  if (wanted_ == 0 || wanted_ > kMostManifest) return fault("the bundle's manifest has an impossible length");
  part_ = Part::manifest;
  return {};
}

Outcome<void> BundleReader::take_manifest() {
  const auto text = std::move(held_);
  held_.clear();
  std::vector<std::uint8_t> signed_bytes(header_.begin(), header_.begin() + kMagic.size() + 4);
  signed_bytes.insert(signed_bytes.end(), text.begin(), text.end());
  const auto signature = Bytes(header_).last(kSignatureBytes);
  if (auto good = check_(signature, signed_bytes); !good) return good;
  auto manifest = parse_manifest(as_text(text));
  if (!manifest) return tl::unexpected(manifest.error());
  manifest_ = std::move(*manifest);
  if (auto taken = sink_.on_manifest(manifest_); !taken) return taken;
  part_ = Part::table;
  wanted_ = manifest_.images[0].chunks * kRowBytes;
  return {};
}

Outcome<void> BundleReader::take_table() {
  const auto table = std::move(held_);
  held_.clear();
  if (!matches(table, manifest_.images[image_].table))
    return fault("the bundle is damaged: a table of chunks is not as signed");
  auto rows = parse_table(table, manifest_, static_cast<Image>(image_));
  if (!rows) return tl::unexpected(rows.error());
  rows_[image_] = std::move(*rows);
  if (++image_ < kImages) {
    wanted_ = manifest_.images[image_].chunks * kRowBytes;
    return {};
  }
  image_ = 0;
  part_ = Part::chunks;
  return go_on();
}

Outcome<void> BundleReader::take_chunk(Bytes bytes) {
  const auto& row = rows_[image_][row_];
  if (!matches(bytes, row.hash)) return fault("the bundle is damaged: a chunk is not as signed");
  if (auto taken = sink_.on_bytes(static_cast<Image>(image_), bytes); !taken) return taken;
  ++row_;
  return go_on();
}

Outcome<void> BundleReader::go_on() {
  std::vector<std::uint8_t> chunk;
  while (image_ < kImages) {
    if (row_ == rows_[image_].size()) {
      ++image_;
      row_ = 0;
      continue;
    }
    const auto& row = rows_[image_][row_];
    if (!row.from_base) {
      wanted_ = row.length;
      return {};
    }
    chunk.resize(row.length);
    if (auto got = sink_.read_base(row.offset, chunk); !got) return got;
    if (!matches(chunk, row.hash))
      return fault("the running system is not as the bundle expects: use the whole bundle");
    if (auto taken = sink_.on_bytes(static_cast<Image>(image_), chunk); !taken) return taken;
    ++row_;
  }
  part_ = Part::end;
  return {};
}

}  // namespace postern::control::update
