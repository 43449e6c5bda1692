// What control answers: the state of things as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "firmware/control/outcomes/message_log.hpp"
#include "firmware/control/supervisor/resolver_keeper.hpp"
#include "firmware/control/supervisor/supervisor.hpp"
#include "firmware/ipc/counter_page.hpp"

namespace postern::control {

// All rooms, shards added up: {"tcp": {"connections": {"total": 3, "shards": [1, 2], "meaning": "..."}}}.
nlohmann::ordered_json counters_json(const std::vector<ipc::CounterRoom>& rooms);
nlohmann::ordered_json outcomes_json(const MessageLog& log, std::uint64_t after, std::size_t most);
nlohmann::ordered_json dataplane_json(const SupervisorFacts& facts, const DataplaneEnd& end, Now now);
// {"board": name, "ports": [names]} of a board named as the data plane is told it; {} where it cannot be
// read.
nlohmann::ordered_json board_json(const std::string& name_or_file, const std::string& boards);
nlohmann::ordered_json resolver_json(const ResolverKeeper& resolver, Now now);
// The resolver's counters as a room like those of the data plane.
ipc::CounterRoom resolver_room(const ResolverKeeper& resolver);

}  // namespace postern::control
