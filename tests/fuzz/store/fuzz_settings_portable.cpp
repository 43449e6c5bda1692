// A file of exported settings that somebody brought: refused or read, never more. What is inside the seal is
// looked at too, as if the passphrase had fitted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/control/store/portable.hpp"

using namespace postern::control;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto portable = read_portable(text)) {
    const auto again = read_portable(write_portable(*portable));
    if (!again || again->values != portable->values) std::abort();
  }
  // The cheapest cost, or each input would take half a second.
  if (text.size() >= 16) text.replace(8, 8, std::string("\0\0\0\1\0\0\0\x08", 8));
  if (unseal(text, "a passphrase")) std::abort();  // nobody guesses a seal
  return 0;
}
