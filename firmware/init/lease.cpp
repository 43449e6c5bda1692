#include "firmware/init/lease.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "firmware/init/machine.hpp"
#include "firmware/init/system.hpp"

namespace postern::init {

namespace {

constexpr std::uint16_t kServerPort = 67, kClientPort = 68;

sockaddr_in at(std::uint32_t address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(address);
  made.sin_port = htons(port);
  return made;
}

process::Descriptor open_socket(const std::string& interface) {
  process::Descriptor made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const auto own = at(INADDR_ANY, kClientPort);
  const bool good =
      ::setsockopt(made.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
      ::setsockopt(made.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) == 0 &&
      ::bind(made.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
  if (!good) say(error_text("no DHCP on", interface));
  return good ? std::move(made) : process::Descriptor();
}

std::string text(std::uint32_t address) {
  const in_addr raw{htonl(address)};
  std::array<char, INET_ADDRSTRLEN> made{};
  return ::inet_ntop(AF_INET, &raw, made.data(), made.size()) == nullptr ? "" : made.data();
}

}  // namespace

LeaseKeeper::LeaseKeeper(std::string interface) : interface_(std::move(interface)), socket_(open_socket(interface_)) {
  ifreq asked{};
  std::strncpy(asked.ifr_name, interface_.c_str(), sizeof asked.ifr_name - 1);
  if (!socket_ || ::ioctl(socket_.get(), SIOCGIFHWADDR, &asked) != 0) return;
  HardwareAddress own{};
  std::memcpy(own.data(), asked.ifr_hwaddr.sa_data, own.size());
  std::uint32_t transaction = 0;
  while (::getrandom(&transaction, sizeof transaction, 0) != sizeof transaction) continue;
  client_.emplace(own, transaction);
}

void LeaseKeeper::turn(Dhcp::Clock::time_point now) {
  if (!client_) return;
  std::array<std::uint8_t, 1500> buffer{};
  for (auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0); got > 0;
       got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0))
    client_->take(Bytes(buffer).first(static_cast<std::size_t>(got)), now);
  if (const auto message = client_->turn(now)) {
    const auto everybody = at(INADDR_BROADCAST, kServerPort);
    // What is lost, also for want of a link, is sent again.
    (void)::sendto(socket_.get(), message->data(), message->size(), 0,
                   reinterpret_cast<const sockaddr*>(&everybody), sizeof everybody);
  }
  if (client_->lease() != applied_) apply();
}

void LeaseKeeper::apply() {
  applied_ = client_->lease();
  if (!applied_) {
    set_address(interface_, 0, 0, 0);
    return cry("THE MANAGEMENT PORT LOST ITS ADDRESS: the network's DHCP server did not renew it");
  }
  const bool given = set_address(interface_, applied_->own, applied_->mask, applied_->router);
  say("management port " + interface_ + ": " + text(applied_->own) + "/" + std::to_string(std::popcount(applied_->mask)) +
      " from " + text(applied_->server) + (given ? "" : ", and the kernel does not take it"));
}

}  // namespace postern::init
