// A page of shared memory that holds every counter of the data plane, with names, so that a reader needs no
// knowledge of the rooms.
//
//   head | directory: one entry per room and shard | texts and values
//
// The data plane places its counter structs in the page and increments them there; the control plane has the
// page for reading only and does not trust what it finds: every offset is checked against the page's size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/counters.hpp"

namespace postern::ipc {

inline constexpr std::uint32_t kCounterPageVersion = 1;

class CounterPage {
 public:
  // Bytes for that many shards with every room in each.
  static std::size_t size_for(std::uint32_t shards);

  // `memory` is zeroed, aligned to a cache line, and outlives the page.
  explicit CounterPage(MutableBytes memory);
  CounterPage(const CounterPage&) = delete;
  CounterPage& operator=(const CounterPage&) = delete;

  // A counter struct inside the page. Where the page is full (a mistake in size_for), the struct lives in
  // private memory: it counts, and nobody sees it.
  template <typename T>
  T& place(std::string_view room, std::uint32_t shard) {
    static_assert(alignof(T) <= kLine && std::is_trivially_destructible_v<T>);
    return *new (place_values(room, shard, T::names)) T();
  }

 private:
  static constexpr std::size_t kLine = 64;

  std::uint8_t* place_values(std::string_view room, std::uint32_t shard, std::span<const CounterName> names);
  std::uint8_t* take(std::size_t size);
  std::uint32_t place_text(std::span<const CounterName> names, std::uint32_t& length);

  MutableBytes memory_;
  std::size_t used_;
  struct Line {
    alignas(kLine) std::uint8_t bytes[kLine];
  };
  std::vector<std::unique_ptr<Line[]>> private_;
};

// What a reader finds.
struct CounterValue {
  std::string_view name;
  std::string_view meaning;
  std::uint64_t value = 0;
};

struct CounterRoom {
  std::string room;
  std::uint32_t shard = 0;
  std::vector<CounterValue> values;
};

// Everything placed so far; texts are views into `page`. What does not fit in the page is left out.
std::vector<CounterRoom> read_counters(Bytes page);

}  // namespace postern::ipc
