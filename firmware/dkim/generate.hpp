// New keys for signing, as PEM. For tools; takes seconds for RSA.
#pragma once

#include <string>

#include "firmware/dkim/key.hpp"
#include "platform/base/result.hpp"

namespace postern::dkim {

// `bits` counts for RSA only: 2048 to 4096, a multiple of 8.
Result<std::string> generate_key(Algorithm algorithm, int bits = 2048);

}  // namespace postern::dkim
