// The trace line, whatever the client called itself: printable, folded as we fold, one field.
#include <cstdlib>

#include "firmware/mail/header.hpp"
#include "firmware/mail/received.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  if (size < 26) return 0;
  mail::Envelope envelope;
  envelope.client = wire::IpAddress::v6(data);
  envelope.esmtp = (data[16] & 1) != 0;
  envelope.smtputf8 = (data[16] & 2) != 0;
  std::int64_t seconds = 0;
  for (std::size_t i = 17; i < 21; ++i) seconds = seconds * 256 + data[i];
  envelope.arrival = WallTime{} + std::chrono::seconds(seconds);
  const std::string_view text = as_text({data + 21, size - 21});
  envelope.helo = text.substr(0, text.size() / 2);
  envelope.tls_cipher = text.substr(text.size() / 2);
  if ((data[16] & 4) != 0) envelope.tls_version = "TLSv1.3";
  if (const auto path = mail::parse_path(text, envelope.smtputf8))
    envelope.recipients.push_back({*path, 0, {}});
  const std::string line = mail::received_line(envelope, "mx.example", "4711");
  mail::HeaderReader reader(line);
  mail::HeaderField field;
  require(reader.next(field) && field.raw.size() == line.size() && !reader.next(field));
  require(line.ends_with(" +0000\r\n"));
  for (const char c : field.unfolded()) require(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
  return 0;
}
