// Sequence numbers: 32 bits, ordered on a circle. RFC 9293 §3.4.
//
// `a < b` says that b lies less than half the circle ahead of a. The order is only meaningful between numbers
// of one connection's window, which is what all callers compare.
#pragma once

#include <cstdint>

namespace postern::tcp {

class SeqNumber {
 public:
  constexpr SeqNumber() = default;
  constexpr explicit SeqNumber(std::uint32_t raw) : raw_(raw) {}

  constexpr std::uint32_t raw() const { return raw_; }

  constexpr SeqNumber operator+(std::uint32_t count) const { return SeqNumber{raw_ + count}; }
  constexpr SeqNumber operator-(std::uint32_t count) const { return SeqNumber{raw_ - count}; }
  constexpr SeqNumber& operator+=(std::uint32_t count) {
    raw_ += count;
    return *this;
  }
  // How far this is ahead of `other`; negative where it is behind.
  constexpr std::int32_t operator-(SeqNumber other) const {
    return static_cast<std::int32_t>(raw_ - other.raw_);
  }
  // How far this is ahead of `other`, which the caller knows to be not later.
  constexpr std::uint32_t since(SeqNumber other) const { return raw_ - other.raw_; }

  constexpr bool operator==(const SeqNumber&) const = default;
  constexpr bool operator<(SeqNumber other) const { return *this - other < 0; }
  constexpr bool operator>(SeqNumber other) const { return *this - other > 0; }
  constexpr bool operator<=(SeqNumber other) const { return *this - other <= 0; }
  constexpr bool operator>=(SeqNumber other) const { return *this - other >= 0; }

 private:
  std::uint32_t raw_ = 0;
};

constexpr SeqNumber later(SeqNumber a, SeqNumber b) {
  return a < b ? b : a;
}
constexpr SeqNumber earlier(SeqNumber a, SeqNumber b) {
  return a < b ? a : b;
}

}  // namespace postern::tcp
