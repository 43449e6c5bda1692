// The header section: the watch counts the same however the bytes are cut; the reader's fields lie in the
// text.
#include <cstdlib>

#include "firmware/mail/header.hpp"
#include "firmware/mail/quoted_printable.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  mail::HeaderWatch whole;
  whole.feed({data, size});
  mail::HeaderWatch cut;
  for (std::size_t i = 0; i < size; ++i) cut.feed({data + i, 1});
  require(whole.bytes() == cut.bytes() && whole.received() == cut.received() && whole.over() == cut.over());
  require(whole.bytes() <= size);

  const std::string_view text = as_text({data, size});
  mail::HeaderReader reader(text);
  mail::HeaderField field;
  std::size_t sum = 0;
  while (reader.next(field)) {
    require(!field.name.empty() && !field.raw.empty());
    require(field.unfolded().find_first_of("\r\n") == std::string::npos);
    sum += field.raw.size();
  }
  require(sum == reader.consumed() && sum <= size);
  require(mail::is_seven_bit_text(mail::quoted_printable(text)));
  return 0;
}
