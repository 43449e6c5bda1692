// What the IP layer is told: our addresses, our routes, the caps of its tables.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "firmware/wire/address.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/time.hpp"

namespace postern::net {

struct Interface {
  wire::MacAddress mac;
  std::uint16_t mtu = 1500;
  std::vector<wire::Prefix> addresses;  // our addresses with the length of their network
  bool transmit_checksum = false;       // the device completes transport checksums
};

struct StaticRoute {
  wire::Prefix destination;  // 0.0.0.0/0 and ::/0 are the default routes
  wire::IpAddress gateway;
  PortIndex port = 0;
};

struct Settings {
  std::vector<Interface> interfaces;  // by PortIndex
  std::vector<StaticRoute> routes;
  std::uint32_t neighbours = 1024;  // entries in the neighbour cache, all ports together
  std::uint32_t frames_per_neighbour =
      4;                                 // frames that wait while a neighbour is asked for (RFC 4861 §7.2.2)
  std::uint32_t answers = 256;           // queued answers
  std::uint32_t icmp_per_second = 1000;  // ICMP errors and echo replies we send (RFC 4443 §2.4 (f))
  std::uint32_t reassemblies = 64;       // datagrams being put together
  std::uint32_t reassembly_memory = 1u << 20;  // bytes held for them
  std::uint32_t waiting_frames = 512;          // frames that wait for all neighbours together
  bool exception_path = false;                 // give frames that are not ours to the kernel
  // Ask whether somebody has our IPv6 addresses before using them (RFC 4862 §5.4): takes a second at start.
  bool duplicate_address_detection = true;
  // Probe for our IPv4 addresses before using them (RFC 5227 §2.1): takes four to seven seconds at start.
  // Off: a conflict is found when somebody else uses the address.
  bool address_probing = false;
  // Take default routers from router advertisements (RFC 4861 §6.3.4), for where no static route fits. Off:
  // they are ignored. Addresses, prefixes and the MTU are never taken from them.
  bool router_advertisements = false;
  // Of the cores that share one port one leads: it answers ARP and neighbour solicitations, detects
  // duplicates and announces our addresses. The others learn from the frames it passes on (Arrival::share).
  bool leader = true;
  std::array<std::uint8_t, 16> key{};  // keys the hash of the neighbour table
};

}  // namespace postern::net
