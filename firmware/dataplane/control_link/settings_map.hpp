// From names to the engines' structs: what the published settings mean for the data plane.
//
// One table per engine says which setting fills which field; a setting nobody maps, or a field nobody fills,
// shows in the tests.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "firmware/ipc/credentials.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "firmware/ipc/tickets.hpp"
#include "firmware/shard/settings.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/tls/session.hpp"

namespace postern::dataplane {

struct DataplaneSettings {
  std::uint64_t generation = 0;
  // For every shard alike. The caller fills in what only it knows: shard numbers, MAC addresses, MTU and
  // checksum abilities of the ports, and the random keys.
  shard::Settings shard;
  std::vector<tls::Credential> credentials;
  std::vector<shard::SigningKey> signing_keys;
  std::map<std::string, std::string, std::less<>> users;  // and their password hashes
  std::string spool_directory;
  std::uint64_t spool_reserve_bytes = 0;
  ipc::Level log_level = ipc::Level::info;
};

// `ports`: the names of the board's ports in their order. Faults: an interface.<port> setting for a port the
// board does not have, a gateway that none of the port's networks reaches.
Result<DataplaneSettings, Fault> map_settings(const ipc::SettingsView& view,
                                              const ipc::Credentials& credentials,
                                              std::span<const std::string> ports);
tls::TicketKeys map_tickets(const ipc::Tickets& tickets);

}  // namespace postern::dataplane
