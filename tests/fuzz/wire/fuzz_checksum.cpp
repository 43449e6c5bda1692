// The checksum against its definition, however the bytes are cut.
#include <cstdlib>

#include "firmware/wire/checksum.hpp"

using namespace postern;
using namespace postern::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes bytes = Bytes(data, size).subspan(1);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += std::uint64_t{bytes[i]} << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  const std::size_t cut = data[0] % bytes.size() / 2 * 2;
  const auto whole = checksum_add(0, bytes);
  const auto pieces = checksum_add(checksum_add(0, bytes.first(cut)), bytes.subspan(cut));
  if (checksum_fold(whole) != sum || checksum_fold(pieces) != sum) std::abort();
  return 0;
}
