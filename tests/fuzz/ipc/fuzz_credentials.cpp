// The credentials block: what is read is written back as it was.
#include <cstdlib>
#include <cstring>

#include "firmware/ipc/credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto credentials = postern::ipc::read_credentials({data, size});
  if (!credentials) return 0;
  const auto again = postern::ipc::write_credentials(*credentials);
  if (again.size() != size || std::memcmp(again.data(), data, size) != 0) std::abort();
  credentials->wipe();
  return 0;
}
