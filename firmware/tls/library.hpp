// What the TLS library is given once per process: where its memory, random numbers and time come from.
#pragma once

#include "platform/base/result.hpp"
#include "platform/base/time.hpp"
#include "platform/rng/ambient.hpp"

namespace postern::tls {

// Idempotent; thread safe.
Result<void, Fault> start_library();

// The crypto device to give to contexts: it serves random numbers where the library was not built to ask us
// directly. INVALID_DEVID otherwise.
int library_device();

// Around every call into the library.
using CoreScope = rng::AmbientScope;

}  // namespace postern::tls
