// Where what stands in encoded facts. Only encoding.cpp and facts_view.cpp include it.
//
// Numbers are in the machine's order: encoded facts do not leave the machine. A part is a 16-bit offset and a
// 16-bit length; a list of names is one length byte and the name, again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "platform/base/bytes.hpp"

namespace postern::policy::layout {

inline constexpr std::uint8_t kVersion = 2;

// The domain's head.
enum Domain : std::size_t {
  version = 0,
  mx = 1,
  mx_security = 2,
  sts = 3,
  sts_mode = 4,
  sts_fault = 5,
  hosts = 6,
  hosts_at = 7,  // where the hosts begin, in units of 8: the domain's name stands before them
  learned = 8,
  expires = 16,
  sts_expires = 24,
  sts_fetched = 32,
  sts_max_age = 40,
  domain = 44,
  expanded = 48,
  mx_reason = 52,   // text, extended, code
  sts_reason = 64,  // text, extended, code
  sts_id = 76,
  sts_text = 80,
  sts_mx = 84,
  domain_end = 88,
};

// A host's.
enum Host : std::size_t {
  security = 0,
  tlsa_state = 1,
  tlsa_records = 2,
  tlsa_usable = 3,
  sts_match = 4,
  addresses = 5,
  preference = 6,
  name = 8,
  host_expanded = 12,
  tlsa_base = 16,
  names = 20,
  address_list = 24,  // 16 bytes each
  tlsa_list = 28,     // usage, selector, matching, length (16 bit), data
  address_reason = 32,
  tlsa_reason = 44,
  host_end = 56,
};

inline constexpr std::size_t kTlsaFixed = 5;

template <typename T>
T get(Bytes bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace postern::policy::layout
