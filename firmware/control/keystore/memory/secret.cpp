// The process's memory as a whole: see the header. mlockall(2), prctl(2).
#include "firmware/control/keystore/memory/secret.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace postern::keystore {

Result<void, Fault> guard_memory() {
  if (::sodium_init() < 0) return fault("there are no random numbers");
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // Without the right to lock everything, guarded memory is still locked as far as the limit goes.
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &all) == 0) ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
  return {};
}

}  // namespace postern::keystore
