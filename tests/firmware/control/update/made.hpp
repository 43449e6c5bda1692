// Bundles and boxes for tests.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "firmware/control/update/install/install.hpp"
#include "tools/bundle/make.hpp"

namespace postern::control::update::testing {

struct Keys {
  Keys() { crypto_sign_seed_keypair(open.bytes.data(), secret.data(), seed.data()); }
  std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed{1, 2, 3};
  PublicKey open{.bytes = {}, .owner = "TEST key of the build"};
  tools::SecretKey secret{};
};

// Bytes that do not repeat, the same for the same seed.
inline std::vector<std::uint8_t> noise(std::size_t size, std::uint8_t seed) {
  std::vector<std::uint8_t> bytes(size);
  std::array<std::uint8_t, randombytes_SEEDBYTES> full{seed};
  randombytes_buf_deterministic(bytes.data(), bytes.size(), full.data());
  return bytes;
}

inline tools::Recipe recipe(const std::string& version = "0.2", const std::string& floor = "0.1") {
  tools::Recipe recipe;
  recipe.manifest = {
      .boards = {"qemu-q35"}, .version = version, .floor = floor, .notes = "notes", .images = {}};
  recipe.images = {noise(600'000, 1), noise(200'000, 2)};
  return recipe;
}

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A slots folder as the box's init makes it; slot a runs, good, with `root` in it.
struct Folder {
  explicit Folder(const std::vector<std::uint8_t>& root = noise(600'000, 9)) {
    // In memory where that can be had: the updater syncs whole file systems, and others may be writing to the
    // disk's.
    const auto place = std::filesystem::is_directory("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                                 : std::filesystem::temp_directory_path();
    std::string name = (place / "update-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
    std::filesystem::create_directories(path / "esp/EFI/Linux");
    std::filesystem::create_directories(path / "state");
    std::filesystem::create_directories(path / "keys");
    write("esp/EFI/Linux/postern-1-a.efi", "old kernel");
    write("entry", "postern-1-a.efi\n");
    write("board", "qemu-q35\n");
    write("state/slots", "floor 0.1\nversion-a 0.1\n");
    write("keys/test.pub", hex(Keys().open.bytes) + " TEST key of the build\n");
    write("root-a", std::string(as_text(root)));
    write("root-b", "");
    for (const auto* slot : {"root-a", "root-b"}) std::filesystem::resize_file(path / slot, 1'000'000);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  std::string names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path / "esp/EFI/Linux"))
      all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    std::string joined;
    for (const auto& name : all) joined += (joined.empty() ? "" : " ") + name;
    return joined;
  }
  std::filesystem::path path;
};

// Gives the bytes of a bundle in uneven pieces.
inline ReadBundle reading(std::vector<std::uint8_t> bytes) {
  return [bytes = std::move(bytes), at = std::size_t{0}](MutableBytes into) mutable -> Outcome<std::size_t> {
    const auto some = std::min({into.size(), bytes.size() - at, std::size_t{77'777}});
    std::copy_n(bytes.begin() + static_cast<long>(at), some, into.begin());
    at += some;
    return some;
  };
}

}  // namespace postern::control::update::testing
