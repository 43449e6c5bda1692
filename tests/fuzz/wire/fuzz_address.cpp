// Text of addresses and prefixes: what parses comes back from its own text.
#include <cstdlib>

#include "firmware/wire/address.hpp"

using namespace postern;
using namespace postern::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto address = IpAddress::parse(text)) {
    if (*IpAddress::parse(address->text()) != *address ||
        budget_prefix(*address).is_v4() != address->is_v4()) {
      std::abort();
    }
  }
  if (const auto prefix = Prefix::parse(text)) {
    if (*Prefix::parse(prefix->text()) != *prefix || !prefix->contains(prefix->address)) std::abort();
  }
  if (size >= 16) {
    const auto address = IpAddress::v6(data);
    if (!address.is_v4() && *IpAddress::parse(address.text()) != address) std::abort();
  }
  return 0;
}
