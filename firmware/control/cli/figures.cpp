// The figures people look at first: see the header.
#include "firmware/control/cli/figures.hpp"

#include <algorithm>
#include <array>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

constexpr auto kFigures = std::to_array<Figure>({
    {"sessions_in_open", "shard.sessions_in_open"},
    {"sessions_out_open", "shard.sessions_out_open"},
    {"sessions_in", "shard.sessions_in"},
    {"sessions_out", "shard.sessions_out"},
    {"accepted", "shard.messages_accepted"},
    {"accepted_bytes", "shard.bytes_accepted"},
    {"delivered", "shard.messages_delivered"},
    {"deferred", "shard.messages_deferred"},
    {"bounced", "shard.messages_bounced"},
    {"queued", "dataplane.queue_messages"},
    {"handshakes", "tls.server_handshakes_full tls.server_handshakes_resumed"},
    {"handshakes_full", "tls.server_handshakes_full"},
    {"handshakes_resumed", "tls.server_handshakes_resumed"},
    {"handshakes_failed", "shard.handshakes_failed_in"},
    {"connections", "tcp.established"},
    {"segments_in", "tcp.segments_in"},
    {"segments_out", "tcp.segments_out"},
    {"retransmitted", "tcp.retransmitted"},
    {"busy_ns", "dataplane.busy_ns"},
});

// Names of counters that begin so mean that somebody did not get what they wanted.
constexpr auto kRefusing = std::to_array<std::string_view>({"refused_", "closed_", "failed_", "deferred_"});
constexpr auto kRefusingRooms = std::to_array<std::string_view>({"smtp", "tls"});
// Named like refusals, but they are ends that are in order.
constexpr auto kHarmless = std::to_array<std::string_view>({"closed_by_peer", "closed_shutdown"});

bool is_refusal(std::string_view room, std::string_view name) {
  if (std::find(kRefusingRooms.begin(), kRefusingRooms.end(), room) == kRefusingRooms.end()) return false;
  if (std::find(kHarmless.begin(), kHarmless.end(), name) != kHarmless.end()) return false;
  return std::any_of(kRefusing.begin(), kRefusing.end(),
                     [&](std::string_view front) { return name.starts_with(front); });
}

}  // namespace

std::span<const Figure> figures() {
  return kFigures;
}

std::uint64_t counter(const Json& counters, std::string_view room, std::string_view name) {
  const auto in_room = counters.find(room);
  if (in_room == counters.end()) return 0;
  const auto one = in_room->find(name);
  return one == in_room->end() ? 0 : one->value("total", std::uint64_t{0});
}

std::uint64_t figure(const Json& counters, std::string_view name) {
  std::uint64_t sum = 0;
  for (const auto& one : kFigures) {
    if (one.name != name) continue;
    for (const auto part : ipc::split_list(one.counters, ' ')) {
      const auto dot = part.find('.');
      sum += counter(counters, part.substr(0, dot), part.substr(dot + 1));
    }
  }
  return sum;
}

std::vector<std::uint64_t> by_shard(const Json& counters, std::string_view room, std::string_view name) {
  const auto in_room = counters.find(room);
  if (in_room == counters.end() || !in_room->contains(name)) return {};
  return in_room->at(std::string(name)).value("shards", std::vector<std::uint64_t>{});
}

std::vector<Refusal> refusals(const Json& counters) {
  std::vector<Refusal> all;
  for (const auto& [room, values] : counters.items()) {
    for (const auto& [name, value] : values.items()) {
      const auto count = value.value("total", std::uint64_t{0});
      if (count != 0 && is_refusal(room, name))
        all.push_back({room, name, value.value("meaning", name), count});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  return all;
}

std::uint64_t refused_in_all(const Json& counters) {
  std::uint64_t sum = 0;
  for (const auto& refusal : refusals(counters)) sum += refusal.count;
  return sum;
}

}  // namespace postern::control::cli
