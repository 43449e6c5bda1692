// Memory that two processes share through a descriptor (memfd), with seals.
//
// Whoever receives a descriptor does not trust the sender: map() refuses memory that could still shrink (a
// later access would be SIGBUS) or is smaller than needed.
#pragma once

#include <cstddef>
#include <string_view>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::process {

enum class Sharing : std::uint8_t {
  frozen,        // nobody writes any more
  maker_writes,  // only the maker's mapping writes; receivers can map it for reading only
  both_write,
};

// A mapping; unmapped with the object.
class Mapping {
 public:
  Mapping() = default;
  Mapping(void* at, std::size_t size) : at_(at), size_(size) {}
  Mapping(Mapping&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  MutableBytes bytes() { return {static_cast<std::uint8_t*>(at_), size_}; }
  Bytes bytes() const { return {static_cast<const std::uint8_t*>(at_), size_}; }
  explicit operator bool() const { return at_ != nullptr; }

 private:
  void* at_ = nullptr;
  std::size_t size_ = 0;
};

struct SharedMemory {
  Descriptor descriptor;
  Mapping mapping;  // writable, of the maker
};

// Fresh zeroed memory, sealed against resizing, mapped for writing.
Result<SharedMemory, Fault> make_shared_memory(const char* name, std::size_t size, Sharing sharing);
// A descriptor with a copy of `content` that nobody can change any more.
Result<Descriptor, Fault> make_frozen(const char* name, Bytes content);

// Maps what somebody sent. Faults: not sealed, smaller than `least`, larger than `most`.
Result<Mapping, Fault> map_received(const Descriptor& descriptor, std::size_t least, std::size_t most,
                                    Sharing sharing);

}  // namespace postern::process
