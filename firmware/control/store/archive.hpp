// Where generations are kept: on disk, or in memory for tests. The store decides what is kept.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/control/store/generation.hpp"

namespace postern::control {

class Archive {
 public:
  virtual ~Archive() = default;

  // Ascending; what was set aside is not among them. Number 0 is the rescue configuration and never listed.
  virtual std::vector<std::uint64_t> numbers() = 0;
  // The fault says what is wrong with it: "does not have its checksum".
  virtual Result<Generation, Fault> read(std::uint64_t number) = 0;
  // When it returns, the generation is kept whatever happens; where it fails, what was there before is.
  virtual Result<void, Fault> write(std::uint64_t number, const Generation& generation) = 0;
  virtual void remove(std::uint64_t number) = 0;
  // Never read again, but kept for people to look at.
  virtual void set_aside(std::uint64_t number) = 0;
};

inline constexpr std::uint64_t kRescue = 0;

}  // namespace postern::control
