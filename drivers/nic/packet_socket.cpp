// Walks the open descriptors, at start only.
#include "drivers/nic/packet_socket.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace postern::nic {
namespace {

template <typename Wanted>
std::vector<int> descriptors(const Wanted& is_wanted) {
  std::vector<int> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const int descriptor = std::atoi(entry.path().filename().c_str());
    if (is_wanted(descriptor)) found.push_back(descriptor);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::vector<int> packet_sockets(const std::string& interface) {
  const auto index = interface.empty() ? 0 : static_cast<int>(::if_nametoindex(interface.c_str()));
  if (index == 0) return {};
  return descriptors([index](int descriptor) {
    sockaddr_ll address{};
    socklen_t length = sizeof address;
    return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
           address.sll_family == AF_PACKET && address.sll_ifindex == index;
  });
}

std::vector<int> xdp_sockets() {
  return descriptors([](int descriptor) {
    int domain = 0;
    socklen_t length = sizeof domain;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_XDP;
  });
}

}  // namespace postern::nic
