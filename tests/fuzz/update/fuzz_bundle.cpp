// Bundles: any bytes end in a refusal or in whole images, whatever pieces they come in. Signatures and hashes
// would stop the fuzzer at the door, so the signature is taken as good here.
#include <cstdint>
#include <cstdlib>

#include "firmware/control/update/bundle/reader.hpp"

using namespace postern;
using namespace postern::control::update;

namespace {

class Sink : public BundleSink {
 public:
  Outcome<void> on_manifest(const Manifest& manifest) override {
    seen = manifest;
    // What is written is read again as the same.
    const auto again = parse_manifest(manifest.text());
    if (!again || again->text() != manifest.text()) std::abort();
    return {};
  }
  Outcome<void> on_bytes(Image image, Bytes bytes) override {
    got[static_cast<std::size_t>(image)] += bytes.size();
    if (image == Image::root && got[1] != 0) std::abort();  // in order
    return {};
  }
  Outcome<void> read_base(std::uint64_t offset, MutableBytes into) override {
    if (!seen.base || offset + into.size() > seen.base->size) std::abort();
    return {};
  }
  Manifest seen;
  std::array<std::uint64_t, kImages> got{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Sink sink;
  BundleReader reader(sink, [](Bytes, Bytes) -> Outcome<void> { return {}; });
  const std::size_t piece = 1 + data[0];
  for (auto bytes = Bytes(data, size).subspan(1); !bytes.empty();) {
    const auto some = std::min(piece, bytes.size());
    if (!reader.feed(bytes.first(some))) break;
    bytes = bytes.subspan(some);
  }
  if (reader.finish()) {
    for (std::size_t i = 0; i < kImages; ++i)
      if (sink.got[i] != sink.seen.images[i].size) std::abort();
  }
  return 0;
}
