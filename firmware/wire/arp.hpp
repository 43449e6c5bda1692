// ARP for IPv4 over Ethernet. RFC 826.
//
// An Arp that was parsed is about Ethernet and IPv4 and is a request or a reply; its addresses are judged by
// who uses them.
#pragma once

#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

struct Arp {
  enum class Operation : std::uint16_t { request = 1, reply = 2 };

  Operation operation = Operation::request;
  MacAddress sender_mac;
  IpAddress sender;
  MacAddress target_mac;
  IpAddress target;

  static constexpr std::size_t kSize = 28;

  static Result<Arp> parse(Bytes packet);
  // Writes kSize bytes.
  void write(std::uint8_t* to) const;
};

}  // namespace postern::wire
