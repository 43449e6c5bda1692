// See certificate_der.hpp.
#include "firmware/tls/certificate_der.hpp"

#include <optional>

namespace postern::tls {
namespace {

constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kVersion = 0xa0;
constexpr std::uint8_t kUtcTime = 0x17;
constexpr std::uint8_t kGeneralizedTime = 0x18;

struct Element {
  Bytes whole;
  Bytes content;
};

// Takes one element with tag `tag` off `bytes`; an empty `whole` where there is none. Lengths of up to three
// bytes.
Element take(Bytes& bytes, std::uint8_t tag) {
  if (bytes.size() < 2 || bytes[0] != tag) return {};
  std::size_t header = 2;
  std::size_t length = bytes[1];
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0 || count > 3 || bytes.size() < 2 + count) return {};
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | bytes[2 + i];
    header += count;
  }
  if (bytes.size() - header < length) return {};
  const Element element{bytes.first(header + length), bytes.subspan(header, length)};
  bytes = bytes.subspan(header + length);
  return element;
}

// Takes two digits off; -1 where there are none.
int take_pair(Bytes& digits) {
  if (digits.size() < 2) return -1;
  const int high = digits[0] - '0';
  const int low = digits[1] - '0';
  if (high < 0 || high > 9 || low < 0 || low > 9) return -1;
  digits = digits.subspan(2);
  return high * 10 + low;
}

// "YYMMDDHHMMSSZ" or "YYYYMMDDHHMMSSZ", the only forms a certificate may have (RFC 5280 §4.1.2.5.1–2).
std::optional<WallTime> take_time(Bytes& bytes) {
  if (bytes.empty()) return std::nullopt;
  const bool utc = bytes[0] == kUtcTime;
  auto text = take(bytes, utc ? kUtcTime : kGeneralizedTime).content;
  if (text.size() != (utc ? 13 : 15) || text.back() != 'Z') return std::nullopt;
  int century = utc ? -1 : take_pair(text);
  const int year_of_century = take_pair(text);
  if (utc) century = year_of_century >= 50 ? 19 : 20;
  const int month = take_pair(text);
  const int day = take_pair(text);
  const int hour = take_pair(text);
  const int minute = take_pair(text);
  const int second = take_pair(text);
  const std::chrono::year_month_day date{std::chrono::year(century * 100 + year_of_century),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const bool good = century >= 0 && year_of_century >= 0 && date.ok() && hour >= 0 && hour < 24 &&
                    minute >= 0 && minute < 60 && second >= 0 && second < 61;
  if (!good) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  // A WallTime ends in the year 2262; what is later is as good as never.
  if (date.year() > std::chrono::year(2250)) return WallTime::max() - std::chrono::seconds(1);
  if (date.year() < std::chrono::year(1700)) return WallTime::min();
  return WallTime(days + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                  std::chrono::seconds(second));
}

}  // namespace

Result<CertificateParts> certificate_parts(Bytes der) {
  auto rest = der;
  auto certificate = take(rest, kSequence).content;
  auto fields = take(certificate, kSequence).content;  // tbsCertificate
  if (!fields.empty() && fields[0] == kVersion) take(fields, kVersion);
  const auto serial = take(fields, kInteger);
  const auto signature = take(fields, kSequence);
  const auto issuer = take(fields, kSequence);
  const auto validity = take(fields, kSequence);
  const auto subject = take(fields, kSequence);
  const auto key = take(fields, kSequence);
  if (serial.whole.empty() || signature.whole.empty() || issuer.whole.empty() || validity.whole.empty() ||
      subject.whole.empty() || key.whole.empty()) {
    return fail("not an X.509 certificate");
  }
  return CertificateParts{issuer.whole, subject.whole, key.whole, validity.whole};
}

Validity validity_at(const CertificateParts& parts, WallTime now) {
  auto rest = parts.validity;
  auto times = take(rest, kSequence).content;
  const auto from = take_time(times);
  const auto until = take_time(times);
  if (!from || !until) return Validity::unreadable;
  if (now < *from) return Validity::not_yet;
  return now < *until + std::chrono::seconds(1) ? Validity::valid : Validity::expired;
}

}  // namespace postern::tls
