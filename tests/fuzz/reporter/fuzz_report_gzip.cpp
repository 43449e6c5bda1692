// Any bytes as gzip: never more than the limit comes out; and what is packed comes out again.
#include <cstdint>
#include <cstdlib>

#include "firmware/control/reporter/report/gzip.hpp"
#include "firmware/control/reporter/report/rua.hpp"

using namespace postern::reporter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kMost = 100'000;
  if (const auto plain = gunzip(text, kMost); plain && plain->size() > kMost) std::abort();
  const auto back = gunzip(gzip(text), size);
  if (!back || *back != text) std::abort();
  if (const auto rua = read_rua(text)) {
    const auto again = read_rua(rua->text);
    if (rua->kind == Rua::Kind::https && (!again || again->text != rua->text)) std::abort();
  }
  return 0;
}
