// Bytes that must not leak: in guarded memory (libsodium: locked, outside of core dumps, between pages that
// cannot be touched), wiped when they go. Moved, never copied by accident.
#pragma once

#include <sodium.h>

#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::keystore {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : size_(size) {
    [[maybe_unused]] static const int ready = ::sodium_init();
    if (size != 0) at_ = static_cast<std::uint8_t*>(::sodium_malloc(size));
    if (size != 0 && at_ == nullptr) throw std::bad_alloc();
    if (at_ != nullptr) ::sodium_memzero(at_, size_);
  }
  Secret(Secret&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      at_ = std::exchange(other.at_, nullptr);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  ~Secret() { clear(); }

  static Secret of(Bytes bytes) {
    Secret made(bytes.size());
    if (!bytes.empty()) std::memcpy(made.at_, bytes.data(), bytes.size());
    return made;
  }
  static Secret of(std::string_view text) { return of(as_bytes(text)); }
  static Secret random(std::size_t size) {
    Secret made(size);
    ::randombytes_buf(made.at_, size);
    return made;
  }
  Secret copy() const { return of(bytes()); }

  MutableBytes bytes() { return {at_, size_}; }
  Bytes bytes() const { return {at_, size_}; }
  std::string_view text() const { return as_text(bytes()); }
  bool empty() const { return size_ == 0; }
  // Wipes too: sodium_free(3).
  void clear() {
    if (at_ != nullptr) ::sodium_free(at_);
    at_ = nullptr;
    size_ = 0;
  }

 private:
  std::uint8_t* at_ = nullptr;
  std::size_t size_ = 0;
};

// Wipes a text that had to hold a secret for a while.
inline void wipe(std::string& text) {
  ::sodium_memzero(text.data(), text.size());
  text.clear();
}

class Wiped {
 public:
  explicit Wiped(std::string& text) : text_(text) {}
  ~Wiped() { wipe(text_); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

 private:
  std::string& text_;
};

// Once, before there is a secret: nothing of this process is written to swap, where the machine lets it.
// Faults: there are no random numbers.
Result<void, Fault> guard_memory();

}  // namespace postern::keystore
