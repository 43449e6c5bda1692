// Reads a bundle as a stream: nothing leaves it that is not covered by the signature, in order, and nothing
// is kept but one chunk and the tables.
//
// Holds: the sink hears of the manifest first, after its signature was checked, then every byte of the images
// once and in order; finish() succeeds only where the file was whole and nothing came after it.
#pragma once

#include <functional>

#include "firmware/control/update/bundle/manifest.hpp"

namespace postern::control::update {

class BundleSink {
 public:
  virtual ~BundleSink() = default;
  // A fault refuses the bundle.
  virtual Outcome<void> on_manifest(const Manifest& manifest) = 0;
  virtual Outcome<void> on_bytes(Image image, Bytes bytes) = 0;
  // Bytes of the running root.
  virtual Outcome<void> read_base(std::uint64_t offset, MutableBytes into) = 0;
};

class BundleReader {
 public:
  // `check` says whether the signature is one of ours.
  using Check = std::function<Outcome<void>(Bytes signature, Bytes signed_bytes)>;

  BundleReader(BundleSink& sink, Check check) : sink_(sink), check_(std::move(check)) {}

  Outcome<void> feed(Bytes bytes);
  Outcome<void> finish();

 private:
  enum class Part : std::uint8_t { header, manifest, table, chunks, end, broken };

  Outcome<void> take_part();
  Outcome<void> take_header();
  Outcome<void> take_manifest();
  Outcome<void> take_table();
  Outcome<void> take_chunk(Bytes bytes);
  // Chunks that are not in the file need no bytes of it.
  Outcome<void> go_on();

  BundleSink& sink_;
  Check check_;
  Part part_ = Part::header;
  std::size_t wanted_ = kHeaderBytes;
  std::vector<std::uint8_t> held_;    // bytes of the part that is being read
  std::vector<std::uint8_t> header_;  // kept until its signature is checked
  Manifest manifest_;
  std::array<std::vector<Row>, kImages> rows_;
  std::size_t image_ = 0;
  std::size_t row_ = 0;
};

}  // namespace postern::control::update
