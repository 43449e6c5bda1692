#include "tools/tcp_host/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace postern::tcp_host {
namespace {

using nlohmann::json;

template <typename Counters>
json counters_of(const Counters& counters) {
  json object = json::object();
  const auto values = counter_values(counters);
  for (std::size_t i = 0; i < values.size(); ++i) object[std::string(Counters::names[i].name)] = values[i];
  return object;
}

std::uint32_t percentile(std::vector<std::uint32_t> sorted, double share) {
  if (sorted.empty()) return 0;
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

json served(const ServedCounts& counts) {
  return {{"opened", counts.opened},      {"ended", counts.ended},       {"broken", counts.broken},
          {"open", counts.open},          {"bytes_in", counts.bytes_in}, {"bytes_out", counts.bytes_out},
          {"responses", counts.responses}};
}

json fetched(const ClientResult& result) {
  const double seconds = static_cast<double>((result.ended - result.began).count()) / 1e9;
  return {{"started", result.started},
          {"connected", result.connected},
          {"finished", result.finished},
          {"failed", result.failed},
          {"wrong", result.wrong},
          {"bytes_in", result.bytes_in},
          {"bytes_out", result.bytes_out},
          {"crc32", result.crc},
          {"said", result.said},
          {"fault", result.fault},
          {"seconds", seconds},
          {"round_trips", result.round_trips_us.size()},
          {"round_trip_p50_us", percentile(result.round_trips_us, 0.5)},
          {"round_trip_p99_us", percentile(result.round_trips_us, 0.99)}};
}

}  // namespace

std::string report(const ReportSources& from) {
  const auto memory = from.host.tcp().memory();
  json all = {{"seconds", from.seconds},
              {"cpu_seconds", from.cpu_seconds},
              {"net", counters_of(from.host.net_counters())},
              {"tcp", counters_of(from.host.tcp_counters())},
              {"port", counters_of(from.port.counters())},
              {"memory",
               {{"connections", memory.connections},
                {"half_open", memory.half_open},
                {"chunks", memory.chunks},
                {"bytes_per_connection", memory.bytes_per_connection},
                {"bytes_per_half_open", memory.bytes_per_half_open},
                {"bytes_per_time_wait", memory.bytes_per_time_wait}}}};
  if (from.faults != nullptr) {
    all["faults"] = {{"sent", counters_of(from.faults->sent_faults())},
                     {"received", counters_of(from.faults->received_faults())}};
  }
  if (from.services != nullptr) all["served"] = served(from.services->counts());
  if (from.client != nullptr) all["client"] = fetched(from.client->result());
  return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace postern::tcp_host
