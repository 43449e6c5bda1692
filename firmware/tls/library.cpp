// See library.hpp.
#include "firmware/tls/library.hpp"

#include <sodium.h>

#include "firmware/tls/wolfssl.hpp"
#include "platform/base/arena.hpp"

namespace postern::tls {
namespace {

time_t library_time(time_t* out) {
  const auto seconds = static_cast<time_t>(rng::ambient_wall_milliseconds() / 1000);
  if (out) *out = seconds;
  return seconds;
}

#ifndef CUSTOM_RAND_GENERATE_BLOCK
constexpr int kDevice = 0x706f7374;

int crypto_callback(int, wc_CryptoInfo* info, void*) {
  if (info->algo_type == WC_ALGO_TYPE_RNG) {
    return rng::ambient_fill({info->rng.out, info->rng.sz}) ? 0 : RNG_FAILURE_E;
  }
  if (info->algo_type == WC_ALGO_TYPE_SEED) {
    return rng::ambient_fill({info->seed.seed, info->seed.sz}) ? 0 : RNG_FAILURE_E;
  }
  return CRYPTOCB_UNAVAILABLE;
}
#endif

Result<void, Fault> start_once() {
  const ArenaScope no_arena(nullptr);  // what the library keeps for the whole process belongs to no core
  if (sodium_init() < 0) return fault("libsodium does not start");
  wolfSSL_SetAllocators(heap_allocate, heap_release, heap_resize);
  if (wolfSSL_Init() != WOLFSSL_SUCCESS) return fault("the TLS library does not start");
  wc_SetTimeCb(library_time);
#ifndef CUSTOM_RAND_GENERATE_BLOCK
  if (wc_CryptoCb_RegisterDevice(kDevice, crypto_callback, nullptr) != 0) return fault("no crypto callback");
#endif
  return {};
}

}  // namespace

Result<void, Fault> start_library() {
  static const Result<void, Fault> outcome = start_once();
  return outcome;
}

int library_device() {
#ifdef CUSTOM_RAND_GENERATE_BLOCK
  return INVALID_DEVID;
#else
  return kDevice;
#endif
}

}  // namespace postern::tls
