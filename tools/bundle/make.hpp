// Makes an update bundle; its layout is firmware/control/update/bundle/manifest.hpp's.
//
// The same recipe gives the same bytes.
#pragma once

#include <optional>
#include <vector>

#include "firmware/control/update/bundle/manifest.hpp"

namespace postern::tools {

struct Recipe {
  control::update::Manifest manifest;  // boards, version, floor, downgrade, notes; the rest is filled in
  std::array<std::vector<std::uint8_t>, control::update::kImages> images;
  // The root that the boxes run now: chunks of it are not put into the bundle.
  std::optional<std::vector<std::uint8_t>> base;
  std::string base_version;
};

struct Made {
  std::vector<std::uint8_t> bytes;
  control::update::Manifest manifest;
  std::uint64_t reused = 0;  // bytes that the bundle need not carry
};

using SecretKey = std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES>;
Made make_bundle(Recipe recipe, const SecretKey& key);

}  // namespace postern::tools
