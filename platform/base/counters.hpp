// Named counters: a plain struct of 64-bit numbers whose names travel with it.
//
// Each room lists its own:
//
//   #define POSTERN_TCP_COUNTERS(X) X(segments_in, "TCP segments received") X(...)
//   POSTERN_DEFINE_COUNTERS(Counters, POSTERN_TCP_COUNTERS)
//
// One core writes (plain increments), others may read a value that is a moment old. The struct may live in
// shared memory: it has no pointers, and only 64-bit members.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace postern {

using Counter = std::uint64_t;

struct CounterName {
  std::string_view name;
  std::string_view meaning;
};

// The values of a counter struct in the order of its names.
template <typename T>
std::span<const Counter> counter_values(const T& counters) {
  return {reinterpret_cast<const Counter*>(&counters), sizeof(T) / sizeof(Counter)};
}

}  // namespace postern

#define POSTERN_COUNTER_FIELD(name, meaning) ::postern::Counter name = 0;
#define POSTERN_COUNTER_NAME(name, meaning) ::postern::CounterName{#name, meaning},
#define POSTERN_DEFINE_COUNTERS(type, list)                                                      \
  struct type {                                                                                  \
    list(POSTERN_COUNTER_FIELD) static constexpr auto names = std::to_array<::postern::CounterName>({list(POSTERN_COUNTER_NAME)}); \
  };                                                                                             \
  static_assert(sizeof(type) == type::names.size() * sizeof(::postern::Counter))
