// Text of addresses and prefixes, and the arithmetic of prefixes.
//
// RFC 4291 §2.2 (text in), RFC 5952 §4 (text out). Dotted quads are strict: four decimal numbers without
// leading zeros.
#include "firmware/wire/address.hpp"

#include <charconv>
#include <optional>

namespace postern::wire {
namespace {

// A decimal number up to `most` in canonical form: no sign, no leading zero.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned most) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

bool parse_quad(std::string_view text, std::uint8_t* four) {
  for (int i = 0; i < 4; ++i) {
    const auto dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return false;
    const auto value = parse_decimal(text.substr(0, dot), 255);
    if (!value) return false;
    four[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return true;
}

bool parse_group(std::string_view text, std::uint8_t* two) {
  if (text.empty() || text.size() > 4) return false;
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  store_be16(two, value);
  return true;
}

// "a:b:c" into at most `room` bytes; a dotted quad may stand last. Gives the number of bytes, or nothing.
std::optional<std::size_t> parse_groups(std::string_view text, std::uint8_t* to, std::size_t room) {
  std::size_t used = 0;
  if (text.empty()) return used;
  while (true) {
    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    const bool quad = group.find('.') != std::string_view::npos;
    const std::size_t size = quad ? 4 : 2;
    if (used + size > room || (quad && colon != std::string_view::npos)) return std::nullopt;
    if (!(quad ? parse_quad(group, to + used) : parse_group(group, to + used))) return std::nullopt;
    used += size;
    if (colon == std::string_view::npos) return used;
    text.remove_prefix(colon + 1);
  }
}

bool parse_v6(std::string_view text, std::uint8_t* sixteen) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return parse_groups(text, sixteen, 16) == 16;
  std::array<std::uint8_t, 16> back{};
  // "::" stands for at least one group of zeros.
  const auto head = text.substr(0, gap);
  const auto left = parse_groups(head, sixteen, 14);
  if (!left || head.find('.') != std::string_view::npos) return false;
  const auto right = parse_groups(text.substr(gap + 2), back.data(), 14 - *left);
  if (!right) return false;
  std::memset(sixteen + *left, 0, 16 - *left);
  std::memcpy(sixteen + 16 - *right, back.data(), *right);
  return true;
}

void append_decimal(std::string& text, unsigned value) {
  char digits[10];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_hex(std::string& text, unsigned value) {
  char digits[8];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

struct Run {
  int start = -1;
  int length = 0;
};

// RFC 5952 §4.2.2 and §4.2.3: the first of the longest runs of zero groups, never a single one.
Run longest_zeros(const std::uint8_t* sixteen) {
  Run best;
  Run current;
  for (int group = 0; group < 8; ++group) {
    if (load_be16(sixteen + 2 * group) != 0) {
      current = Run{};
      continue;
    }
    if (current.length++ == 0) current.start = group;
    if (current.length > best.length) best = current;
  }
  return best.length > 1 ? best : Run{};
}

std::string text_v6(const std::uint8_t* sixteen) {
  std::string text;
  const Run zeros = longest_zeros(sixteen);
  for (int group = 0; group < 8; ++group) {
    if (group == zeros.start) {
      text += "::";
      group += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    append_hex(text, load_be16(sixteen + 2 * group));
  }
  return text;
}

// The bits of an address, from the first one that belongs to its family.
std::uint8_t first_bit(const IpAddress& address) {
  return address.is_v4() ? 96 : 0;
}

IpAddress masked(const IpAddress& address, unsigned bits) {
  IpAddress result = address;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
    if (kept < 8) result.bytes[i] &= static_cast<std::uint8_t>(0xff00u >> kept);
  }
  return result;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  if (text.find(':') == std::string_view::npos) {
    std::uint8_t four[4];
    if (!parse_quad(text, four)) return fail("not an IP address");
    return v4(four);
  }
  if (!parse_v6(text, address.bytes.data())) return fail("not an IP address");
  if (address.is_v4()) return fail("an IPv4-mapped address; write the IPv4 address instead");
  return address;
}

std::string IpAddress::text() const {
  if (!is_v4()) return text_v6(bytes.data());
  std::string text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    append_decimal(text, v4_bytes()[i]);
  }
  return text;
}

Result<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return tl::unexpected(address.error());
  const unsigned most = address->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Prefix{*address, static_cast<std::uint8_t>(most)};
  const auto length = parse_decimal(text.substr(slash + 1), most);
  if (!length) return fail("not a prefix length");
  return Prefix{*address, static_cast<std::uint8_t>(*length)};
}

bool Prefix::contains(const IpAddress& other) const {
  if (address.is_v4() != other.is_v4()) return false;
  const unsigned bits = first_bit(address) + length;
  const unsigned whole = bits / 8;
  if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xff00u >> (bits % 8);
  return ((address.bytes[whole] ^ other.bytes[whole]) & mask & 0xff) == 0;
}

std::string Prefix::text() const {
  std::string text = address.text() + '/';
  append_decimal(text, length);
  return text;
}

IpAddress budget_prefix(const IpAddress& address) {
  return masked(address, address.is_v4() ? 96 + 24 : 56);
}

IpAddress solicited_node(const IpAddress& address) {
  IpAddress group;
  group.bytes = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  std::memcpy(&group.bytes[13], &address.bytes[13], 3);
  return group;
}

MacAddress multicast_mac(const IpAddress& group) {
  const auto* last = group.bytes.data() + 12;
  if (group.is_v4()) return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(last[1] & 0x7f), last[2], last[3]}};
  return {{0x33, 0x33, last[0], last[1], last[2], last[3]}};
}

IpAddress link_local(const MacAddress& mac) {
  const auto& m = mac.bytes;
  IpAddress address;
  address.bytes = {0xfe, 0x80, 0,    0,    0,    0,    0,   0, static_cast<std::uint8_t>(m[0] ^ 2),
                   m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]};
  return address;
}

}  // namespace postern::wire
