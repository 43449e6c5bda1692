// What must fit together about the network: routers within reach, routes that can be read.
#include "firmware/ipc/settings_check_network.hpp"

#include <algorithm>

#include "firmware/ipc/settings_value.hpp"

namespace postern::ipc {

namespace {

constexpr std::string_view kFront = "interface.";

bool reached(std::string_view addresses, const wire::IpAddress& router) {
  if (router.is_link_local()) return true;
  for (const auto text : split_list(addresses)) {
    const auto prefix = wire::Prefix::parse(text);
    if (prefix && prefix->contains(router)) return true;
  }
  return false;
}

// What is wrong with one route; empty: nothing.
std::string wrong_route(std::string_view text, std::string_view addresses) {
  const auto words = split_list(text, ' ');
  if (words.size() != 3 || words[1] != "via") return "which is no route";
  const auto destination = wire::Prefix::parse(words[0]);
  const auto router = wire::IpAddress::parse(words[2]);
  if (!destination || words[0].find('/') == std::string_view::npos) return "whose first word is no network";
  if (!router || router->is_v4() != destination->address.is_v4())
    return "whose router is no address of that family";
  return reached(addresses, *router) ? "" : "whose router none of this port's networks reaches";
}

}  // namespace

std::vector<SettingFault> check_network(const SettingValues& values) {
  std::vector<SettingFault> faults;
  const auto addresses_of = [&](const std::string& name) {
    const auto found = values.find(name.substr(0, name.rfind('.')) + ".addresses");
    return found == values.end() ? std::string_view() : std::string_view(found->second);
  };
  for (auto one = values.lower_bound(kFront); one != values.end() && one->first.starts_with(kFront); ++one) {
    const auto& [name, value] = *one;
    if (name.ends_with(".gateway4") || name.ends_with(".gateway6")) {
      const auto router = wire::IpAddress::parse(value);
      if (!router) continue;  // empty, or told already
      if (router->is_v4() != name.ends_with('4')) {
        faults.push_back({name, "is " + value, name.ends_with('4') ? "an IPv4 address" : "an IPv6 address"});
      } else if (!reached(addresses_of(name), *router)) {
        faults.push_back({name, "is " + value + ", which none of this port's networks reaches",
                          "a router in a network of this port"});
      }
    } else if (name.ends_with(".routes")) {
      for (const auto text : split_list(value)) {
        const auto wrong = wrong_route(text, addresses_of(name));
        if (!wrong.empty())
          faults.push_back({name, "holds \"" + std::string(text) + "\", " + wrong, "\"NETWORK via ROUTER\""});
      }
    }
  }
  return faults;
}

}  // namespace postern::ipc
