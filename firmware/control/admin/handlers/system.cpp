// The box itself: health, network, counters, restart, support.
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include <map>
#include <memory>

#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/handlers/scrub.hpp"
#include "firmware/wire/address.hpp"

namespace postern::admin {

namespace {

Json status_of(Call& call) {
  auto status = call.ask({{"command", "status"}});
  status.erase("counters");
  return status;
}

Json health_row(const char* name, bool good, const char* otherwise, std::string text) {
  return {{"name", name}, {"state", good ? "good" : otherwise}, {"text", std::move(text)}};
}

Json disk_of(const std::string& directory) {
  struct statvfs facts {};
  if (::statvfs(directory.c_str(), &facts) != 0) return nullptr;
  return {{"total", static_cast<std::uint64_t>(facts.f_blocks) * facts.f_frsize},
          {"free", static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize}};
}

Json health_of(const Json& status, const Json& disk) {
  const auto plane = status.value("dataplane", Json::object());
  const auto phase = plane.value("phase", plane.value("state", "unknown"));
  Json rows = Json::array();
  rows.push_back(health_row("data plane", phase == "running", "bad", "the data plane is " + phase));
  const auto resolver = status.value("resolver", Json::object());
  rows.push_back(health_row(
      "resolver", resolver.value("ready", false), "warning",
      resolver.value("ready", false) ? "looks names up" : "is not ready: " + resolver.value("trouble", "")));
  rows.push_back(health_row(
      "settings", plane.value("all_at_generation", false), "warning",
      plane.value("all_at_generation", false) ? "in force on every core" : "not yet on every core"));
  if (disk.is_object()) {
    const double share = disk["free"].get<double>() / std::max(1.0, disk["total"].get<double>());
    rows.push_back(health_row("disk", share > 0.1, share > 0.03 ? "warning" : "bad",
                              std::to_string(static_cast<int>(share * 100)) + " % free"));
  }
  for (const auto& warning : status.value("warnings", Json::array()))
    rows.push_back({{"name", "warning"}, {"state", "warning"}, {"text", warning}});
  return rows;
}

Response system(Call& call) {
  auto status = status_of(call);
  const auto disk = disk_of(call.rooms.facts.directory);
  struct sysinfo facts {};
  ::sysinfo(&facts);
  const auto load = [&](int i) { return static_cast<double>(facts.loads[i]) / (1 << SI_LOAD_SHIFT); };
  Json json{
      {"version", POSTERN_VERSION},
      {"host_name", status.value("host_name", "")},
      {"time", time_of(call.now)},
      {"health", health_of(status, disk)},
      {"warnings", status.value("warnings", Json::array())},
      {"uptime_seconds", facts.uptime},
      {"load", {load(0), load(1), load(2)}},
      {"memory",
       {{"total", facts.totalram * facts.mem_unit},
        {"available", (facts.freeram + facts.bufferram) * facts.mem_unit}}},
      {"admin", {{"address", call.rooms.facts.address}, {"fingerprint", call.rooms.facts.fingerprint}}}};
  if (disk.is_object()) json["disk"] = disk;
  for (const auto* part :
       {"control", "dataplane", "resolver", "reporter", "keystore", "board", "slot", "slots"}) {
    if (status.contains(part)) json[part] = status[part];
  }
  return json_response(json);
}

std::string prefix_of(const ifaddrs& one) {
  const auto* raw = one.ifa_addr;
  int length = 0;
  const auto count = [&](const std::uint8_t* bytes, int size) {
    for (int i = 0; i < size; ++i) length += __builtin_popcount(bytes[i]);
  };
  if (raw->sa_family == AF_INET) {
    if (one.ifa_netmask != nullptr)
      count(reinterpret_cast<const std::uint8_t*>(
                &reinterpret_cast<const sockaddr_in*>(one.ifa_netmask)->sin_addr),
            4);
    const auto* in = reinterpret_cast<const sockaddr_in*>(raw);
    return wire::IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&in->sin_addr)).text() + "/" +
           std::to_string(length);
  }
  if (one.ifa_netmask != nullptr)
    count(reinterpret_cast<const sockaddr_in6*>(one.ifa_netmask)->sin6_addr.s6_addr, 16);
  return wire::IpAddress::v6(reinterpret_cast<const sockaddr_in6*>(raw)->sin6_addr.s6_addr).text() + "/" +
         std::to_string(length);
}

// The kernel's ports; those of the data plane are in the settings.
void add_kernel_ports(std::map<std::string, Json>& ports) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  for (const auto* one = list; one != nullptr; one = one->ifa_next) {
    auto& port = ports[one->ifa_name];
    if (port.is_null())
      port = {{"name", one->ifa_name},
              {"kind", "management"},
              {"up", (one->ifa_flags & IFF_UP) != 0},
              {"addresses", Json::array()}};
    if (one->ifa_addr != nullptr &&
        (one->ifa_addr->sa_family == AF_INET || one->ifa_addr->sa_family == AF_INET6))
      port["addresses"].push_back(prefix_of(*one));
  }
}

void add_mail_ports(const Json& values, std::map<std::string, Json>& ports) {
  for (const auto& [name, value] : values.items()) {
    if (!name.starts_with("interface.") || !value.is_string()) continue;
    const auto dot = name.rfind('.');
    auto& port = ports["mail " + name.substr(10, dot - 10)];
    if (port.is_null())
      port = {{"name", name.substr(10, dot - 10)}, {"kind", "mail"}, {"addresses", Json::array()}};
    const auto what = name.substr(dot + 1);
    if (what != "addresses") {
      port[what] = value;
      continue;
    }
    const auto text = value.get<std::string>();
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      port["addresses"].push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
}

Response network(Call& call) {
  std::map<std::string, Json> ports;
  add_kernel_ports(ports);
  const auto values =
      call.ask({{"command", "settings.show"}, {"of", "running"}}).value("values", Json::object());
  add_mail_ports(values, ports);
  Json list = Json::array();
  for (const auto& [name, port] : ports) list.push_back(port);
  return json_response({{"interfaces", std::move(list)},
                        {"host_name", values.value("host_name", "")},
                        {"management", call.rooms.facts.address}});
}

Response counters(Call& call) {
  return json_response(call.ask({{"command", "counters"}}));
}

Response restart(Call& call) {
  if ((call.silent = call.body.value("dry_run", false)))
    return json_response(
        {{"done", false},
         {"text",
          "sessions get ten seconds to finish, then the data plane starts again; mail that was "
          "accepted is on disk and waits"}});
  auto answer = call.ask({{"command", "restart"}});
  answer["done"] = true;
  return json_response(answer);
}

Response factory_reset(Call& call) {
  if ((call.silent = call.body.value("dry_run", false)))
    return json_response(
        {{"done", false},
         {"text",
          "every setting goes back to its default and all generations are forgotten; mail in the "
          "queue, keys and people stay"}});
  if (!call.body.value("sure", false)) throw faulty("sure", "should be true: say that you are sure");
  auto answer = call.ask({{"command", "settings.factory_reset"}, {"sure", true}});
  answer["done"] = true;
  return json_response(answer);
}

// What the machine does is another room's; where it has no verb yet, the answer says so.
template <const char* kVerb>
Response forward(Call& call) {
  auto question = call.body.is_object() ? call.body : Json::object();
  question["command"] = kVerb;
  auto answer = call.ask(std::move(question));
  answer["done"] = true;
  return json_response(answer);
}
constexpr char kReboot[] = "system.reboot";
constexpr char kRollback[] = "update.rollback";

Response get_update(Call& call) {
  try {
    auto answer = call.ask({{"command", "update.state"}});
    answer["available"] = true;
    return json_response(answer);
  } catch (const Problem& problem) {
    if (problem.type != "not_available") throw;
    return json_response({{"available", false}, {"trouble", "updates over the web are not there yet"}});
  }
}

Response start_update(Call& call) {
  if (!call.body.contains("url") && !call.body.contains("file"))
    throw faulty("url", "is missing: from where?");
  auto question = call.body;
  question["command"] = "update.install";
  // Asked here, so that "not there yet" is the answer and not the end of a job.
  const auto answer = call.ask(question);
  return json_response(call.rooms.jobs.begin("update", call.body.value("url", call.body.value("file", "")),
                                             call.user_name(), [answer](Progress&) { return answer; }),
                       202);
}

constexpr std::array<const char*, 5> kBundle{"status", "counters", "settings", "history", "log"};

Response support_bundle(Call& call) {
  if (const auto only = call.parameters.find("list");
      only != call.parameters.end() && only->second == Json(true))
    return json_response({{"items", kBundle}});
  const auto ask = [&](Json question) -> Json {
    try {
      return scrubbed(call.ask(std::move(question)));
    } catch (const Problem& problem) {
      return {{"missing", problem.detail}};
    }
  };
  Json bundle{{"version", POSTERN_VERSION}, {"made", time_of(call.now)}};
  bundle["status"] = ask({{"command", "status"}});
  bundle["status"].erase("counters");
  bundle["counters"] = ask({{"command", "counters"}});
  bundle["settings"] = ask({{"command", "settings.show"}, {"of", "running"}});
  bundle["history"] = ask({{"command", "settings.history"}, {"most", 50}});
  bundle["log"] = ask({{"command", "log"}, {"after", 0}, {"most", 1000}});
  auto response = json_response(bundle);
  if (const auto load = call.parameters.find("download");
      load != call.parameters.end() && load->second == Json(true))
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"postern-support.json\"");
  return response;
}

constexpr HandlerRow kRows[] = {
    {"getSystem", system},
    {"getNetwork", network},
    {"getCounters", counters},
    {"restartDataplane", restart},
    {"factoryReset", factory_reset},
    {"reboot", forward<kReboot>},
    {"getUpdate", get_update},
    {"startUpdate", start_update},
    {"rollbackUpdate", forward<kRollback>},
    {"getSupportBundle", support_bundle},
};

}  // namespace

std::span<const HandlerRow> system_handlers() {
  return kRows;
}

}  // namespace postern::admin
