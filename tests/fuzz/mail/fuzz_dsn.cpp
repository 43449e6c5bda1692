// Delivery reports out of foreign words: always whole lines, 7-bit unless it says otherwise, and no way to
// close a part or forge a field.
#include <cstdlib>

#include "firmware/mail/dsn.hpp"
#include "firmware/mail/quoted_printable.hpp"

namespace {

using namespace postern;

void require(bool holds) {
  if (!holds) std::abort();
}

// Takes up to `limit` bytes off the front.
std::string take(Bytes& bytes, std::size_t limit) {
  const std::size_t count =
      std::min({bytes.size(), limit, bytes.empty() ? std::size_t{0} : std::size_t{bytes[0]}});
  std::string text(as_text(bytes.first(count)));
  bytes = bytes.subspan(count);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  Bytes rest{data + 4, size - 4};
  mail::Envelope envelope;
  envelope.sender = {"a", "sender.example"};
  envelope.ret = static_cast<mail::Return>(data[0] % 3);
  envelope.envelope_id = take(rest, 100);
  envelope.recipients.push_back({{"user", "example.org"}, data[1], take(rest, 200)});
  envelope.recipients.push_back({{"j\xc3\xbc", "example.org"}, 0, {}});
  std::vector<mail::DsnRecipient> reported;
  for (std::uint32_t i = 0; i < 3; ++i) {
    reported.push_back({i, static_cast<mail::DsnAction>((data[2] >> (2 * i)) % 3),
                        static_cast<std::uint16_t>(data[3] * 3), take(rest, 20), take(rest, 250),
                        take(rest, 100)});
  }
  mail::DsnFacts facts;
  facts.envelope = &envelope;
  facts.recipients = reported;
  facts.original = rest;
  facts.original_complete = (data[0] & 0x80) != 0;
  facts.host_name = "mx.example";
  facts.boundary = "b";
  const mail::Dsn dsn = mail::build_dsn(facts);
  if (dsn.message.empty()) return 0;
  require(dsn.eight_bit ? mail::is_eight_bit_text(dsn.message) : mail::is_seven_bit_text(dsn.message));
  require(dsn.message.ends_with("\r\n--=_b--\r\n"));
  return 0;
}
