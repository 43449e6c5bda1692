// Any bytes as a message to be signed: wherever it is cut, the same hashes and the same draft come out; and
// canonical forms are what RFC 6376 §3.4 says they are when made again from themselves.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/dkim/base64.hpp"
#include "firmware/dkim/draft.hpp"
#include "firmware/dkim/header_hash.hpp"
#include "firmware/dkim/keyring.hpp"
#include "firmware/dkim/message_hash.hpp"

using namespace postern;
using namespace postern::dkim;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Hashed {
  std::string header;
  Digest body{};
  bool too_long = false;
};

Hashed hashed(Bytes message, Canonical form, std::size_t piece) {
  MessageHash hash(form, 4096);
  while (!message.empty()) {
    const auto here = std::min(piece, message.size());
    hash.feed(message.first(here));
    message = message.subspan(here);
  }
  return {std::string(hash.header()), hash.finish(), hash.too_long()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = data[0] % 16 + 1;
  const auto form = data[1] % 2 == 0 ? Canonical::simple : Canonical::relaxed;
  const Bytes message(data + 2, size - 2);
  const auto whole = hashed(message, form, message.size() + 1);
  const auto cut = hashed(message, form, piece);
  require(whole.too_long == cut.too_long);
  if (whole.too_long) return 0;
  require(whole.header == cut.header && whole.body == cut.body);
  const auto author = author_domain(whole.header);
  require(author.find_first_of(" \r\n<>") == std::string::npos);
  const auto made =
      draft(whole.header, whole.body, {.domain = "a.example", .selector = "s", .header = form, .body = form});
  if (made) {
    const auto field = complete(*made, Signature(64, 7));
    require(field.ends_with("\r\n") && field.find("\r\n\r\n") == std::string::npos);
  }
  const auto once = canonical_field(as_text(message), Canonical::relaxed);
  require(once == canonical_field(once, Canonical::relaxed) ||
          as_text(message).find('\0') != std::string_view::npos);
  if (const auto bytes = from_base64(as_text(message))) require(from_base64(to_base64(*bytes)) == bytes);
  return 0;
}
