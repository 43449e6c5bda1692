// Paths and domains: what parses is free of controls and reads back as itself.
#include <cstdlib>

#include "firmware/mail/domain.hpp"
#include "firmware/mail/path.hpp"
#include "firmware/mail/text.hpp"
#include "firmware/mail/xtext.hpp"
#include "platform/base/bytes.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  const std::string_view text = as_text({data, size});
  for (const bool utf8 : {false, true}) {
    const auto path = mail::parse_path(text, utf8);
    if (!path) continue;
    const std::string printed = path->text();
    for (const char c : printed) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    require(utf8 ? mail::is_utf8(printed) : mail::is_ascii(printed));
    const auto again = mail::parse_path(printed, utf8);
    require(again && *again == *path);
  }
  const std::string labels = mail::to_a_labels(text);
  require(mail::is_ascii(labels));
  require(mail::is_utf8(mail::printable(text)));
  require(mail::is_ascii(mail::printable_ascii(text, 40)));
  require(mail::from_xtext(mail::to_xtext(text)) == text);
  require(mail::is_ascii(mail::to_utf8_escapes(text)));
  mail::is_original_recipient(text, true);
  return 0;
}
