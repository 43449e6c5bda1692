// Makes an update bundle: see the header.
#include "tools/bundle/make.hpp"

#include <map>

#include "tools/bundle/chunks.hpp"

namespace postern::tools {
namespace {

using namespace control::update;

Hash sha256(Bytes bytes) {
  Hash hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

using Places = std::map<Hash, std::uint64_t>;

Places places_of(Bytes base) {
  Places places;
  for (const auto chunk : cut_into_chunks(base))
    places.emplace(sha256(chunk), static_cast<std::uint64_t>(chunk.data() - base.data()));
  return places;
}

struct Parts {
  std::vector<std::uint8_t> table;
  std::vector<std::uint8_t> chunks;
  std::uint64_t reused = 0;
};

Parts cut(Bytes image, const Places& places, ImageRow& facts) {
  Parts parts;
  for (const auto chunk : cut_into_chunks(image)) {
    Row row{.hash = sha256(chunk),
            .length = static_cast<std::uint32_t>(chunk.size()),
            .from_base = false,
            .offset = 0};
    if (const auto found = places.find(row.hash); found != places.end()) {
      row.from_base = true;
      row.offset = found->second;
      parts.reused += chunk.size();
    } else {
      parts.chunks.insert(parts.chunks.end(), chunk.begin(), chunk.end());
    }
    put_row(parts.table, row);
    ++facts.chunks;
  }
  facts.size = image.size();
  facts.hash = sha256(image);
  facts.table = sha256(parts.table);
  return parts;
}

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

Made make_bundle(Recipe recipe, const SecretKey& key) {
  Made made;
  made.manifest = std::move(recipe.manifest);
  Places places;
  if (recipe.base) {
    places = places_of(*recipe.base);
    made.manifest.base = Base{recipe.base->size(), sha256(*recipe.base), recipe.base_version};
  }
  std::array<Parts, kImages> parts;
  for (std::size_t i = 0; i < kImages; ++i) {
    parts[i] = cut(recipe.images[i], places, made.manifest.images[i]);
    made.reused += parts[i].reused;
  }
  const auto text = made.manifest.text();
  std::vector<std::uint8_t> head;
  append(head, as_bytes(kMagic));
  head.resize(head.size() + 4);
  store_be32(&head[kMagic.size()], static_cast<std::uint32_t>(text.size()));
  auto signed_bytes = head;
  append(signed_bytes, as_bytes(text));
  std::array<std::uint8_t, kSignatureBytes> signature;
  crypto_sign_detached(signature.data(), nullptr, signed_bytes.data(), signed_bytes.size(), key.data());
  made.bytes = std::move(head);
  append(made.bytes, signature);
  append(made.bytes, as_bytes(text));
  for (const auto& one : parts) append(made.bytes, one.table);
  for (const auto& one : parts) append(made.bytes, one.chunks);
  return made;
}

}  // namespace postern::tools
