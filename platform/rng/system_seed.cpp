// See system_seed.hpp.
#include "platform/rng/system_seed.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

namespace postern::rng {

Result<Seed, Fault> system_seed() {
  Seed seed;
  std::size_t have = 0;
  while (have < seed.size()) {
    const auto got = getrandom(seed.data() + have, seed.size() - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fault(std::string("no random numbers from the system: ") + std::strerror(errno));
    have += static_cast<std::size_t>(got);
  }
  return seed;
}

}  // namespace postern::rng
