// Random numbers and the time for code that has no argument for them: the TLS library.
//
// It asks the thread. An `AmbientScope` around a call into it says which core is calling; then it gets that
// core's random numbers and time, without a system call and the same in every run with the same seed. Outside
// of a scope (control plane, tools) it gets the operating system's.
#pragma once

#include <cstdint>

#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"
#include "platform/rng/core_random.hpp"

namespace postern::rng {

class AmbientScope {
 public:
  AmbientScope(CoreRandom& random, const WallTime& wall);
  ~AmbientScope();
  AmbientScope(const AmbientScope&) = delete;
  AmbientScope& operator=(const AmbientScope&) = delete;

 private:
  CoreRandom* random_before_;
  const WallTime* wall_before_;
};

// False where the system has no random numbers.
bool ambient_fill(MutableBytes out);
std::int64_t ambient_wall_milliseconds();

}  // namespace postern::rng
