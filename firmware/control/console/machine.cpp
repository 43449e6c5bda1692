// The machine's addresses and random codes: see the header.
#include "firmware/control/console/machine.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sodium.h>

#include <array>
#include <memory>

namespace postern::control::console {

namespace {

// Without letters and digits that look alike.
constexpr std::string_view kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

std::string text_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* at = nullptr;
  if (address->sa_family == AF_INET) at = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  if (address->sa_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (!IN6_IS_ADDR_LINKLOCAL(&six)) at = &six;
  }
  return at != nullptr && ::inet_ntop(address->sa_family, at, text.data(), text.size()) != nullptr
             ? text.data()
             : "";
}

Json addresses() {
  ifaddrs* first = nullptr;
  Json all = Json::array();
  if (::getifaddrs(&first) != 0) return {{"addresses", std::move(all)}};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, ::freeifaddrs);
  for (const auto* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0)
      continue;
    const auto text = text_of(one->ifa_addr);
    if (!text.empty() && all.size() < 8) all.push_back({{"name", one->ifa_name}, {"address", text}});
  }
  return {{"addresses", std::move(all)}};
}

Json code() {
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (i == 4) text += '-';
    text += kAlphabet[::randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
  }
  return {{"code", text}};
}

}  // namespace

Json ask_machine(const Json& question) {
  const auto what = question.value("do", "");
  if (what == "addresses") return addresses();
  return what == "code" ? code() : Json{{"error", "unknown"}};
}

}  // namespace postern::control::console
