// The operating system's random numbers, for start-up only: each core gets one seed.
#pragma once

#include "platform/base/result.hpp"
#include "platform/rng/core_random.hpp"

namespace postern::rng {

// Waits until the system has gathered enough randomness (getrandom without flags does).
Result<Seed, Fault> system_seed();

}  // namespace postern::rng
