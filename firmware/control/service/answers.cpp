// What control answers: see the header.
#include "firmware/control/service/answers.hpp"

#include "firmware/control/outcomes/outcome_text.hpp"
#include "platform/board/board.hpp"

namespace postern::control {

using Json = nlohmann::ordered_json;

Json counters_json(const std::vector<ipc::CounterRoom>& rooms) {
  Json all = Json::object();
  for (const auto& room : rooms) {
    auto& values = all[room.room];
    for (const auto& value : room.values) {
      auto& one = values[std::string(value.name)];
      if (one.is_null())
        one = {
            {"total", std::uint64_t{0}}, {"shards", Json::array()}, {"meaning", std::string(value.meaning)}};
      one["total"] = one["total"].get<std::uint64_t>() + value.value;
      one["shards"].push_back(value.value);
    }
  }
  return all;
}

Json outcomes_json(const MessageLog& log, std::uint64_t after, std::size_t most) {
  Json list = Json::array();
  for (const auto& one : log.recent(after, most)) {
    Json entry{{"number", one.number}};
    entry.update(outcome_json(one.outcome));
    list.push_back(std::move(entry));
  }
  return {{"last", log.count()}, {"outcomes", std::move(list)}};
}

Json dataplane_json(const SupervisorFacts& facts, const DataplaneEnd& end, Now now) {
  Json json{{"state", std::string(text(facts.state))}, {"pid", facts.pid}, {"starts", facts.starts}};
  if (const auto& hello = end.hello()) {
    json["version"] = hello->version;
    json["since"] = time_text(hello->started_wall_ns);
    json["phase"] = std::string(ipc::text(facts.report.phase));
    json["shards"] = hello->shards;
    json["generation"] = facts.report.generation;
    json["shards_at_generation"] = facts.report.shards_at;
    json["outcomes_lost"] = facts.report.outcomes_lost;
    json["silent_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(now.instant - facts.reported).count();
  }
  json["published_generation"] = facts.generation;
  json["all_at_generation"] = facts.all_at_generation;
  json["refused"] = facts.refused;
  json["last_end"] = facts.last_end;
  if (facts.last_end_wall_ns != 0) json["last_end_time"] = time_text(facts.last_end_wall_ns);
  if (facts.state == DataplaneState::away && facts.next_start > now.instant) {
    json["next_start_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(facts.next_start - now.instant).count() + 1;
  }
  return json;
}

Json resolver_json(const ResolverKeeper& resolver, Now now) {
  const auto& facts = resolver.facts();
  Json json{{"ready", resolver.report().ready},
            {"pid", facts.pid},
            {"starts", facts.starts},
            {"last_end", facts.last_end},
            {"trouble", resolver.report().trouble}};
  if (facts.pid == 0 && facts.next_start > now.instant) {
    json["next_start_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(facts.next_start - now.instant).count() + 1;
  }
  return json;
}

ipc::CounterRoom resolver_room(const ResolverKeeper& resolver) {
  const auto& counters = resolver.report().counters;
  const auto values = counter_values(counters);
  ipc::CounterRoom room{.room = "resolver", .shard = 0, .values = {}};
  for (std::size_t i = 0; i < values.size(); ++i)
    room.values.push_back({counters.names[i].name, counters.names[i].meaning, values[i]});
  return room;
}

// A board that cannot be read is the data plane's to complain of.
Json board_json(const std::string& name_or_file, const std::string& boards) {
  const auto board = board::load(name_or_file, boards.empty() ? "/usr/share/postern/boards" : boards);
  if (!board) return Json::object();
  Json json{{"board", board->name}, {"ports", Json::array()}};
  for (const auto& port : board->ports) json["ports"].push_back(port.name);
  return json;
}

}  // namespace postern::control
