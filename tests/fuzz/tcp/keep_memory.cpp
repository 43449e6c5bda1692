// An engine's memory is taken and given back once per input. Without this the C library would have it from the
// kernel each time, and its page faults were a quarter of the work. The replay of the corpus does not call it.
#include <malloc.h>

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  mallopt(M_MMAP_THRESHOLD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  return 0;
}
