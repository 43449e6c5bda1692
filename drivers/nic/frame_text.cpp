// Looks at Ethernet, ARP, IPv4, IPv6, TCP, UDP and ICMP just closely enough to name them.
//
// Holds: reads no byte beyond the frame. This is for eyes; firmware/wire is what decides.
#include "drivers/nic/frame_text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace postern::nic {
namespace {

constexpr std::uint16_t kVlan = 0x8100, kArp = 0x0806, kIpv4 = 0x0800, kIpv6 = 0x86dd;
constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kIcmpV6 = 58;

class Writer {
 public:
  explicit Writer(FrameText& buffer) : buffer_(buffer) {}
  [[gnu::format(printf, 2, 3)]] void add(const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    const int more = std::vsnprintf(buffer_.data() + used_, buffer_.size() - used_, format, arguments);
    va_end(arguments);
    if (more > 0) used_ = std::min(used_ + static_cast<std::size_t>(more), buffer_.size() - 1);
  }
  std::string_view text() const { return {buffer_.data(), used_}; }

 private:
  FrameText& buffer_;
  std::size_t used_ = 0;
};

struct AddressText {
  std::array<char, INET6_ADDRSTRLEN> text{};
  AddressText(int family, const std::uint8_t* address) {
    ::inet_ntop(family, address, text.data(), INET6_ADDRSTRLEN);
  }
};

void add_tcp_flags(Writer& out, std::uint8_t flags) {
  constexpr std::string_view kLetters = "FSRPAUEC";  // RFC 9293 §3.1, from the lowest bit
  out.add(" [");
  for (std::size_t bit = 0; bit < kLetters.size(); ++bit) {
    if ((flags >> bit & 1) != 0) out.add("%c", kLetters[bit]);
  }
  out.add("]");
}

void add_tcp(Writer& out, Bytes segment) {
  const std::size_t header = std::size_t{segment[12]} / 16 * 4;
  add_tcp_flags(out, segment[13]);
  out.add(" seq %u ack %u win %u len %zu", load_be32(&segment[4]), load_be32(&segment[8]),
          load_be16(&segment[14]), segment.size() >= header ? segment.size() - header : 0);
}

void add_transport(Writer& out, int family, const std::uint8_t* source, const std::uint8_t* destination,
                   std::uint8_t protocol, Bytes payload) {
  const AddressText from(family, source);
  const AddressText to(family, destination);
  const bool has_ports = protocol == kTcp || protocol == kUdp;
  if (has_ports && payload.size() >= 8) {
    out.add("%s %s.%u > %s.%u", protocol == kTcp ? "TCP" : "UDP", from.text.data(), load_be16(&payload[0]),
            to.text.data(), load_be16(&payload[2]));
    if (protocol == kTcp && payload.size() >= 20) add_tcp(out, payload);
  } else if ((protocol == kIcmp || protocol == kIcmpV6) && payload.size() >= 2) {
    out.add("%s %s > %s type %u code %u", protocol == kIcmp ? "ICMP" : "ICMPv6", from.text.data(),
            to.text.data(), payload[0], payload[1]);
  } else {
    out.add("IP %s > %s protocol %u", from.text.data(), to.text.data(), protocol);
  }
}

void add_ipv4(Writer& out, Bytes packet) {
  if (packet.size() < 20) return out.add("IPv4 cut");
  const std::size_t header = std::size_t{packet[0]} % 16 * 4;
  const std::size_t total = std::min<std::size_t>(load_be16(&packet[2]), packet.size());
  const bool later_fragment = (load_be16(&packet[6]) & 0x1fff) != 0;
  const auto payload =
      header >= 20 && header <= total && !later_fragment ? packet.subspan(header, total - header) : Bytes{};
  add_transport(out, AF_INET, &packet[12], &packet[16], packet[9], payload);
}

void add_ipv6(Writer& out, Bytes packet) {
  if (packet.size() < 40) return out.add("IPv6 cut");
  const auto length = std::min<std::size_t>(load_be16(&packet[4]), packet.size() - 40);
  add_transport(out, AF_INET6, &packet[8], &packet[24], packet[6], packet.subspan(40, length));
}

void add_arp(Writer& out, Bytes packet) {
  if (packet.size() < 28) return out.add("ARP cut");
  const AddressText sender(AF_INET, &packet[14]);
  const AddressText target(AF_INET, &packet[24]);
  out.add("ARP %s %s from %s", load_be16(&packet[6]) == 1 ? "who-has" : "reply", target.text.data(),
          sender.text.data());
}

}  // namespace

std::string_view frame_text(Bytes frame, FrameText& buffer) {
  Writer out(buffer);
  std::size_t offset = 12;
  if (frame.size() >= 18 && load_be16(&frame[12]) == kVlan) {
    out.add("vlan %u ", load_be16(&frame[14]) & 0xfff);
    offset = 16;
  }
  if (frame.size() < offset + 2) {
    out.add("Ethernet cut");
  } else {
    const auto type = load_be16(&frame[offset]);
    const auto packet = frame.subspan(offset + 2);
    if (type == kIpv4) {
      add_ipv4(out, packet);
    } else if (type == kIpv6) {
      add_ipv6(out, packet);
    } else if (type == kArp) {
      add_arp(out, packet);
    } else {
      out.add("type 0x%04x", type);
    }
  }
  out.add(" (%zu bytes)", frame.size());
  return out.text();
}

}  // namespace postern::nic
