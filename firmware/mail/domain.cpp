#include "firmware/mail/domain.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "firmware/mail/text.hpp"
#include "firmware/wire/address.hpp"

namespace postern::mail {
namespace {

constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kDomainMax = 255;

bool is_label(std::string_view label, bool utf8) {
  if (label.empty() || label.size() > kLabelMax || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [utf8](char c) { return ascii_alnum(c) || c == '-' || (utf8 && non_ascii(c)); });
}

// The first label of `rest`, which is removed together with its dot.
std::string_view take_label(std::string_view& rest) {
  const std::size_t dot = rest.find('.');
  const std::string_view label = rest.substr(0, dot);
  rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  return label;
}

// RFC 3492 §5: the parameters of Punycode.
constexpr std::uint32_t kBase = 36;
constexpr std::uint32_t kTMin = 1;
constexpr std::uint32_t kTMax = 26;
constexpr std::uint32_t kSkew = 38;
constexpr std::uint32_t kDamp = 700;

char punycode_digit(std::uint32_t value) {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

// RFC 3492 §6.1.
std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > ((kBase - kTMin) * kTMax) / 2; k += kBase) delta /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

// One number as a variable-length integer (RFC 3492 §6.3, inner loop).
void append_variable(std::string& out, std::uint32_t q, std::uint32_t bias) {
  for (std::uint32_t k = kBase;; k += kBase) {
    const std::uint32_t t = k <= bias ? kTMin : std::min(k - bias, kTMax);
    const std::uint32_t threshold = std::max(t, kTMin);
    if (q < threshold) break;
    out += punycode_digit(threshold + (q - threshold) % (kBase - threshold));
    q = (q - threshold) / (kBase - threshold);
  }
  out += punycode_digit(q);
}

// RFC 3492 §6.3. A label has at most 63 octets, so nothing here can overflow 32 bits.
std::string punycode(const std::vector<std::uint32_t>& points) {
  std::string out;
  for (const std::uint32_t point : points) {
    if (point < 0x80) out += static_cast<char>(point);
  }
  const auto basic = static_cast<std::uint32_t>(out.size());
  std::uint32_t handled = basic;
  if (basic != 0) out += '-';
  std::uint32_t n = 0x80;
  std::uint32_t delta = 0;
  std::uint32_t bias = 72;
  while (handled < points.size()) {
    std::uint32_t next = 0x110000;
    for (const std::uint32_t point : points) {
      if (point >= n) next = std::min(next, point);
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const std::uint32_t point : points) {
      if (point < n) ++delta;
      if (point != n) continue;
      append_variable(out, delta, bias);
      bias = adapt(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return out;
}

// "" where the label is not UTF-8 or too long as an A-label.
std::string a_label(std::string_view label) {
  if (label.empty() || label.size() > 4 * kLabelMax) return {};
  if (is_ascii(label)) return to_lower(label);
  std::vector<std::uint32_t> points;
  while (!label.empty()) {
    const long point = take_utf8(label);
    if (point < 0) return {};
    points.push_back(point < 0x80 ? static_cast<std::uint32_t>(ascii_lower(static_cast<char>(point)))
                                  : static_cast<std::uint32_t>(point));
  }
  std::string out = "xn--" + punycode(points);
  return out.size() <= kLabelMax ? out : std::string{};
}

}  // namespace

bool is_domain(std::string_view text, bool utf8) {
  if (text.empty() || text.size() > kDomainMax || text.back() == '.') return false;
  if (utf8 && !is_utf8(text)) return false;
  while (!text.empty()) {
    if (!is_label(take_label(text), utf8)) return false;
  }
  return true;
}

bool is_address_literal(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  const bool v6 = equals_ignoring_case(text.substr(0, 5), "IPv6:");
  if (v6) text.remove_prefix(5);
  const auto address = wire::IpAddress::parse(text);
  return address && (text.find(':') != std::string_view::npos) == v6;
}

std::string to_a_labels(std::string_view domain) {
  std::string out;
  while (!domain.empty()) {
    const std::string label = a_label(take_label(domain));
    if (label.empty()) return {};
    if (!out.empty()) out += '.';
    out += label;
  }
  return out;
}

bool same_domain(std::string_view left, std::string_view right) {
  if (equals_ignoring_case(left, right)) return true;
  if (is_ascii(left) && is_ascii(right)) return false;
  const std::string a = to_a_labels(left);
  return !a.empty() && a == to_a_labels(right);
}

}  // namespace postern::mail
