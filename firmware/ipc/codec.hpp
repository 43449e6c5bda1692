// Numbers and texts in messages between the planes: big-endian, every length checked on the way in.
//
// A Reader that ran out stays failed and gives zeros and empty texts, so a decoder reads all it wants and
// asks once at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::ipc {

class Writer {
 public:
  template <typename T>
  void number(T value) {
    const auto at = bytes_.size();
    bytes_.resize(at + sizeof value);
    store_be<T>(bytes_.data() + at, value);
  }
  void raw(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  // A text with its length in front.
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    raw(as_bytes(value));
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }
  Bytes bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  template <typename T>
  T number() {
    const Bytes part = raw(sizeof(T));
    return part.empty() ? T{0} : load_be<T>(part.data());
  }
  Bytes raw(std::size_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const Bytes part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }
  std::string_view text(std::size_t most) {
    const std::size_t size = number<std::uint32_t>();
    if (size > most) failed_ = true;
    return as_text(raw(size));
  }
  std::size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }
  // Everything was there and nothing is left over.
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  Bytes rest_;
  bool failed_ = false;
};

}  // namespace postern::ipc
