// tickets: the keys that seal TLS session tickets, newest first. The receiver puts them before those it has
// and forgets what is older than the third: so a control plane that has just begun needs to know only its
// own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

inline constexpr std::size_t kTicketKeys = 3;

struct TicketKey {
  std::array<std::uint8_t, 16> name{};
  std::array<std::uint8_t, 32> secret{};
  bool operator==(const TicketKey&) const = default;
};

struct Tickets {
  std::vector<TicketKey> keys;  // 1 to kTicketKeys
};

std::vector<std::uint8_t> write(const Tickets& tickets);
std::optional<Tickets> read_tickets(Bytes body);
// The newer ones in front, no key twice, at most kTicketKeys.
Tickets merge(const Tickets& newer, const Tickets& older);

}  // namespace postern::ipc
