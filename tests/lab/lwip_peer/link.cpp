#include "tests/lab/lwip_peer/link.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lwip_peer {
namespace {

constexpr std::uint16_t kAllFrames = 0x0003;  // ETH_P_ALL

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

Link::Link(const char* interface) : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(kAllFrames))) {
  if (socket_ < 0) give_up("lwip-peer: packet socket");
  ifreq request{};
  std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  if (::ioctl(socket_, SIOCGIFHWADDR, &request) != 0) give_up(interface);
  std::copy_n(reinterpret_cast<const std::uint8_t*>(request.ifr_hwaddr.sa_data), mac_.size(), mac_.begin());
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(kAllFrames);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up(interface);
  const int room = 8 << 20;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
}

std::size_t Link::receive(std::uint8_t* into, std::size_t room) const {
  sockaddr_ll from{};
  socklen_t size = sizeof from;
  const auto got = ::recvfrom(socket_, into, room, 0, reinterpret_cast<sockaddr*>(&from), &size);
  return got <= 0 || from.sll_pkttype == PACKET_OUTGOING ? 0 : static_cast<std::size_t>(got);
}

void Link::send(const std::uint8_t* frame, std::size_t length) const {
  if (::send(socket_, frame, length, MSG_DONTWAIT) < 0) {
    // A full queue loses the frame, as a wire would.
  }
}

}  // namespace lwip_peer
