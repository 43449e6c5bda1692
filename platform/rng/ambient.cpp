// See ambient.hpp. The functions with C names at the end are what tools/setup/build-wolfssl builds the TLS
// library to call.
#include "platform/rng/ambient.hpp"

#include <chrono>

#include "platform/rng/system_seed.hpp"

namespace postern::rng {
namespace {

thread_local CoreRandom* active_random = nullptr;
thread_local const WallTime* active_wall = nullptr;

}  // namespace

AmbientScope::AmbientScope(CoreRandom& random, const WallTime& wall)
    : random_before_(active_random), wall_before_(active_wall) {
  active_random = &random;
  active_wall = &wall;
}

AmbientScope::~AmbientScope() {
  active_random = random_before_;
  active_wall = wall_before_;
}

bool ambient_fill(MutableBytes out) {
  if (active_random) {
    active_random->fill(out);
    return true;
  }
  const auto seed = system_seed();
  if (!seed) return false;
  CoreRandom(*seed).fill(out);
  return true;
}

std::int64_t ambient_wall_milliseconds() {
  const auto wall = active_wall ? *active_wall : WallTime(std::chrono::system_clock::now());
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count();
}

}  // namespace postern::rng

// Weak: Debian's binary of the library has functions of its own.
extern "C" {
__attribute__((weak)) int postern_tls_random(unsigned char* out, unsigned int size) {
  return postern::rng::ambient_fill({out, size}) ? 0 : -1;
}
// The library's own generator, which tools and tests may still use, asks for a seed here.
__attribute__((weak)) int wc_GenerateSeed(void*, unsigned char* out, unsigned int size) {
  return postern_tls_random(out, size);
}
__attribute__((weak)) unsigned int LowResTimer(void) {
  return static_cast<unsigned int>(postern::rng::ambient_wall_milliseconds() / 1000);
}
__attribute__((weak)) long long TimeNowInMilliseconds(void) {
  return postern::rng::ambient_wall_milliseconds();
}
}
