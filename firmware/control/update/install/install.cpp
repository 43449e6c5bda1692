// Puts a bundle into the idle slot: see the header.
#include "firmware/control/update/install/install.hpp"

#include <algorithm>

namespace postern::control::update {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

// The whole way of a bundle through a reader.
Outcome<void> stream(BundleReader& reader, const ReadBundle& read) {
  std::vector<std::uint8_t> buffer(kPiece);
  while (true) {
    const auto got = read(buffer);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return reader.finish();
    if (auto fed = reader.feed(Bytes(buffer).first(*got)); !fed) return fed;
  }
}

BundleReader::Check check_against(std::span<const PublicKey> keys, const PublicKey*& signed_by) {
  return [keys, &signed_by](Bytes signature, Bytes bytes) -> Outcome<void> {
    signed_by = signer(keys, signature, bytes);
    if (signed_by != nullptr) return {};
    return fault("the bundle's signature is not from a key that this box trusts, or the bundle is damaged");
  };
}

slots::ImageFacts facts(const ImageRow& row) {
  return {.size = row.size, .hash = row.hash};
}

class Installer : public BundleSink {
 public:
  Installer(Box& box, const Wishes& wishes, const std::function<void(const Progress&)>& progress)
      : box_(box), wishes_(wishes), progress_(progress) {}

  Outcome<void> on_manifest(const Manifest& manifest) override {
    manifest_ = manifest;
    const Situation situation{.board = box_.board(),
                              .version = box_.running().rescue() ? "" : box_.running_version(),
                              .floor = box_.record().floor,
                              .allow_older = wishes_.allow_older};
    if (auto admitted = admit(manifest, situation); !admitted) return admitted;
    if (auto based = check_base(); !based) return based;
    const auto target = slots::slot_to_write(box_.disk(), box_.running());
    if (!target) return tl::unexpected(target.error());
    target_ = *target;
    writer_.emplace(box_.disk(), *target, facts(manifest.images[0]), facts(manifest.images[1]));
    total_ = manifest.images[0].size + manifest.images[1].size;
    return writer_->begin();
  }

  Outcome<void> on_bytes(Image image, Bytes bytes) override {
    done_ += bytes.size();
    auto written = image == Image::root ? writer_->root(bytes) : writer_->kernel(bytes);
    progress_({writer_->state(), done_, total_});
    return written;
  }

  Outcome<void> read_base(std::uint64_t offset, MutableBytes into) override {
    reused_ += into.size();
    return box_.disk().read_root(box_.running().started->slot, offset, into);
  }

  // Remembered before the switch: a box that starts the new slot must find what it brings.
  Outcome<Installed> finish() {
    auto& record = box_.record();
    // A box that was flashed knows its own version only by running it.
    if (const auto& running = box_.running().started)
      record.versions.try_emplace(running->slot, box_.running_version());
    record.versions[target_] = manifest_.version;
    record.floors[target_] = manifest_.floor;
    const auto names = box_.disk().list();
    if (!names) return tl::unexpected(names.error());
    record.tried_number = slots::next_number(*names);
    record.confirm_number = wishes_.confirm_minutes != 0 ? record.tried_number : 0;
    record.confirm_minutes = wishes_.confirm_minutes;
    record.last = "version " + manifest_.version + " was written; it has not been found good yet";
    if (!box_.running().rescue() && wishes_.settings_generation != 0)
      record.generations[box_.running().started->slot] = wishes_.settings_generation;
    if (auto saved = box_.save(); !saved) return tl::unexpected(saved.error());
    auto entry = writer_->finish();
    if (!entry) return tl::unexpected(entry.error());
    progress_({writer_->state(), total_, total_});
    return Installed{
        .entry = *entry, .version = manifest_.version, .signed_by = {}, .test_key = false, .reused = reused_};
  }

  void abandon() {
    if (writer_) writer_->abandon();
  }

 private:
  // A delta is made of pieces of one certain root; any other would only fail in the middle.
  Outcome<void> check_base() {
    if (!manifest_.base) return {};
    const auto other = fault("the bundle is a difference to version " + manifest_.base->version +
                             ", and another one runs: use the whole bundle");
    if (box_.running().rescue()) return other;
    const auto slot = box_.running().started->slot;
    const auto size = box_.disk().root_size(slot);
    if (!size || *size < manifest_.base->size) return other;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    std::vector<std::uint8_t> buffer(kPiece);
    for (std::uint64_t at = 0; at < manifest_.base->size;) {
      const auto some = std::min<std::uint64_t>(buffer.size(), manifest_.base->size - at);
      const auto piece = MutableBytes(buffer).first(static_cast<std::size_t>(some));
      if (auto got = box_.disk().read_root(slot, at, piece); !got) return got;
      crypto_hash_sha256_update(&state, piece.data(), piece.size());
      at += some;
    }
    Hash hash;
    crypto_hash_sha256_final(&state, hash.data());
    return hash == manifest_.base->hash ? Outcome<void>{} : Outcome<void>(other);
  }

  Box& box_;
  const Wishes& wishes_;
  const std::function<void(const Progress&)>& progress_;
  Manifest manifest_;
  slots::Slot target_ = slots::Slot::a;
  std::optional<slots::Writer> writer_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t reused_ = 0;
};

// Looks at every byte and writes none.
class Onlooker : public BundleSink {
 public:
  Outcome<void> on_manifest(const Manifest& manifest) override {
    seen = manifest;
    if (manifest.base)
      return fault("a difference can be read only on the box that runs version " + manifest.base->version);
    return {};
  }
  Outcome<void> on_bytes(Image, Bytes) override { return {}; }
  Outcome<void> read_base(std::uint64_t, MutableBytes) override { return fault("there is no running root"); }
  Manifest seen;
};

}  // namespace

Outcome<Installed> install(Box& box, const ReadBundle& read, const Wishes& wishes,
                           const std::function<void(const Progress&)>& progress) {
  const auto keys = box.keys();
  if (!keys) return tl::unexpected(keys.error());
  const PublicKey* signed_by = nullptr;
  Installer installer(box, wishes, progress);
  BundleReader reader(installer, check_against(*keys, signed_by));
  if (auto streamed = stream(reader, read); !streamed) {
    installer.abandon();
    return tl::unexpected(streamed.error());
  }
  auto installed = installer.finish();
  if (installed) {
    installed->signed_by = signed_by->owner;
    installed->test_key = signed_by->test();
  }
  return installed;
}

Outcome<Inspected> inspect(std::span<const PublicKey> keys, const ReadBundle& read) {
  const PublicKey* signed_by = nullptr;
  Onlooker onlooker;
  BundleReader reader(onlooker, check_against(keys, signed_by));
  if (auto streamed = stream(reader, read); !streamed) return tl::unexpected(streamed.error());
  return Inspected{onlooker.seen, signed_by->owner};
}

}  // namespace postern::control::update
