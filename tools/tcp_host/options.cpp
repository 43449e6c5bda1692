#include "tools/tcp_host/options.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace postern::tcp_host {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "tcp-host: %s (try --help)\n", why.c_str());
  std::exit(2);
}

template <typename Body>
void for_directions(Options& o, Body&& body) {
  if (o.fault_sent) body(o.faults.sent);
  if (o.fault_received) body(o.faults.received);
}

Word chance(std::string_view name, double nic::Faults::*member, std::string help) {
  return {name, "CHANCE", std::move(help), [=](Options& o, std::string_view text) -> const char* {
            double value = 0;
            if (!read_chance(text, value)) return "a chance: 0 to 1, or such as 3%";
            for_directions(o, [&](nic::Faults& faults) { faults.*member = value; });
            return nullptr;
          }};
}

Word span(std::string_view name, Duration nic::Faults::*member, std::string help) {
  return {name, "SPAN", std::move(help), [=](Options& o, std::string_view text) -> const char* {
            Duration value{};
            if (!read_span(text, value)) return "a span of time such as 20ms";
            for_directions(o, [&](nic::Faults& faults) { faults.*member = value; });
            return nullptr;
          }};
}

template <typename Value>
Word number(std::string_view name, Value Options::*member, std::string help) {
  return {name, "N", std::move(help), [=](Options& o, std::string_view text) -> const char* {
            std::uint64_t value = 0;
            if (!read_number(text, value)) return "a number";
            o.*member = static_cast<Value>(value);
            return nullptr;
          }};
}

const char* take_address(Options& o, std::string_view text, bool v4) {
  const auto prefix = wire::Prefix::parse(text);
  if (!prefix || prefix->address.is_v4() != v4)
    return v4 ? "an address such as 192.0.2.1/24" : "an address such as 2001:db8::1/64";
  o.interface.addresses.push_back(*prefix);
  return nullptr;
}

const char* take_mac(Options& o, std::string_view text) {
  wire::MacAddress mac;
  unsigned bytes[6];
  char end = 0;
  if (std::sscanf(std::string(text).c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%c", &bytes[0], &bytes[1], &bytes[2],
                  &bytes[3], &bytes[4], &bytes[5], &end) != 6)
    return "an address such as 02:00:00:00:00:01";
  std::ranges::transform(bytes, mac.bytes.begin(), [](unsigned b) { return static_cast<std::uint8_t>(b); });
  o.mac = mac;
  return nullptr;
}

const char* take_route(Options& o, std::string_view text) {
  constexpr const char* kForm = "a route such as 0.0.0.0/0,192.0.2.1";
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return kForm;
  const auto to = wire::Prefix::parse(text.substr(0, comma));
  const auto gateway = wire::IpAddress::parse(text.substr(comma + 1));
  if (!to || !gateway) return kForm;
  o.routes.push_back({.destination = *to, .gateway = *gateway});
  return nullptr;
}

const char* take_serve(Options& o, std::string_view text) {
  constexpr const char* kForm =
      "services such as echo:7,discard:9; they are echo discard chargen rr digest source";
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto item = text.substr(0, comma);
    text = text.substr(std::min(comma + 1, text.size()));
    const auto colon = item.find(':');
    std::uint64_t port = 0;
    const auto service = service_by_name(item.substr(0, colon));
    if (!service || colon == std::string_view::npos || !read_number(item.substr(colon + 1), port) ||
        port > 65535 || port == 0)
      return kForm;
    o.serve.push_back({*service, static_cast<std::uint16_t>(port)});
  }
  return o.serve.empty() ? kForm : nullptr;
}

ClientSettings& client(Options& o) {
  if (!o.connect) o.connect.emplace();
  return *o.connect;
}

// 192.0.2.1:7 or [2001:db8::1]:7
const char* take_connect(Options& o, std::string_view text) {
  constexpr const char* kForm = "an end such as 192.0.2.1:7 or [2001:db8::1]:7";
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return kForm;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = wire::IpAddress::parse(host);
  std::uint64_t port = 0;
  if (!address || !read_number(text.substr(colon + 1), port) || port > 65535) return kForm;
  client(o).to = {*address, static_cast<std::uint16_t>(port)};
  return nullptr;
}

const char* take_errand(Options& o, std::string_view text) {
  const auto errand = parse_errand(text);
  if (!errand) return errand.error().reason.data();
  client(o).errand = *errand;
  return nullptr;
}

const char* take_direction(Options& o, std::string_view text) {
  if (text != "in" && text != "out" && text != "both") return "in, out or both";
  o.fault_received = text != "out";
  o.fault_sent = text != "in";
  return nullptr;
}

const char* take_burst(Options& o, std::string_view text) {
  const auto colon = text.find(':');
  double start = 0;
  double stop = 0;
  if (colon == std::string_view::npos || !read_chance(text.substr(0, colon), start) ||
      !read_chance(text.substr(colon + 1), stop))
    return "two chances such as 0.001:0.2";
  for_directions(o, [&](nic::Faults& faults) { faults.burst_start = start, faults.burst_stop = stop; });
  return nullptr;
}

Group port_group() {
  return {"PORT",
          {
              {"--vdev", "DEVICE",
               "DPDK's device string: net_tap0,iface=x   net_af_packet0,iface=x   net_af_xdp0,iface=x   "
               "net_memif0,role=server   or a PCI address",
               [](Options& o, std::string_view t) -> const char* { return o.vdev = t, nullptr; }},
              {"--ip", "ADDRESS/BITS", "an IPv4 address of ours; may be given often",
               [](Options& o, std::string_view t) { return take_address(o, t, true); }},
              {"--ip6", "ADDRESS/BITS", "an IPv6 address of ours; may be given often",
               [](Options& o, std::string_view t) { return take_address(o, t, false); }},
              {"--route", "PREFIX,GATEWAY", "a route; may be given often", take_route},
              {"--mac", "ADDRESS", "ours (the port's; on a tap, which gives its own to the kernel, another)",
               take_mac},
              {"--mtu", "BYTES", "of an IP packet (1500)",
               [](Options& o, std::string_view t) -> const char* {
                 std::uint64_t value = 0;
                 if (!read_number(t, value) || value < 576 || value > 9000) return "576 to 9000";
                 o.interface.mtu = o.tcp.mtu = static_cast<std::uint16_t>(value);
                 return nullptr;
               }},
              {"--no-offload", "", "complete checksums here even where the device could",
               [](Options& o, std::string_view) -> const char* { return o.offload = false, nullptr; }},
              number("--core", &Options::core, "the CPU to run on (0)"),
              number("--memory", &Options::megabytes, "megabytes for DPDK (128)"),
              {"--busy", "", "never sleep: lowest latency, a whole CPU",
               [](Options& o, std::string_view) -> const char* { return o.busy = true, nullptr; }},
          }};
}

Group work_group() {
  return {
      "WORK",
      {
          {"--serve", "SERVICE:PORT,...", "what to serve, see SERVICES", take_serve},
          {"--connect", "ADDRESS:PORT", "open connections to there; ends when they are done", take_connect},
          {"--do", "DEED", "what to do on them, see CONNECTING (hold)", take_errand},
          {"--count", "N", "how many connections, all at once (1)",
           [](Options& o, std::string_view t) -> const char* {
             std::uint64_t value = 0;
             if (!read_number(t, value) || value > 1'000'000) return "a number up to 1000000";
             client(o).connections = static_cast<std::uint32_t>(value);
             return nullptr;
           }},
          {"--gap", "SPAN", "between two opens (0)",
           [](Options& o, std::string_view t) -> const char* {
             return read_span(t, client(o).gap) ? nullptr : "a span of time such as 1ms";
           }},
          {"--seconds", "N", "end after so long (never)",
           [](Options& o, std::string_view t) -> const char* {
             Duration span{};
             if (!read_span(std::string(t) + "s", span)) return "a number of seconds";
             o.seconds = static_cast<double>(span.count()) / 1e9;
             return nullptr;
           }},
          {"--json", "FILE", "write all counters there at the end and after SIGUSR1",
           [](Options& o, std::string_view t) -> const char* { return o.json = t, nullptr; }},
          {"--pcap", "FILE", "record what passes the port, inside the bad line",
           [](Options& o, std::string_view t) -> const char* { return o.pcap = t, nullptr; }},
      }};
}

Group fault_group() {
  using F = nic::Faults;
  return {"A BAD LINE",
          {
              {"--direction", "in|out|both", "which way the fault options after it are about (both)",
               take_direction},
              chance("--loss", &F::loss, "frames lost one by one"),
              {"--burst", "START:STOP", "chances that a burst of loss begins, and ends", take_burst},
              chance("--dup", &F::duplicate, "frames that come twice"),
              chance("--corrupt", &F::corrupt, "frames with one bit flipped"),
              chance("--reorder", &F::reorder, "frames held back behind later ones"),
              span("--reorder-by", &F::reorder_by, "how long (1ms)"),
              span("--delay", &F::delay, "of every frame"),
              span("--jitter", &F::jitter, "added to the delay, anything from 0 to this"),
              {"--seed", "N", "the same seed, the same faults (1)",
               [](Options& o, std::string_view t) -> const char* {
                 return read_number(t, o.faults.seed) ? nullptr : "a number";
               }},
              {"--slots", "N", "frames the line holds, each way (1024)",
               [](Options& o, std::string_view t) -> const char* {
                 std::uint64_t value = 0;
                 if (!read_number(t, value) || value == 0 || value > 1'000'000) return "1 to 1000000";
                 o.faults.slots = value;
                 return nullptr;
               }},
          }};
}

const Word* find(std::string_view name) {
  for (const auto& group : groups()) {
    for (const auto& word : group.words) {
      if (word.name == name) return &word;
    }
  }
  return nullptr;
}

void check(const Options& o) {
  if (o.vdev.empty()) refuse("--vdev is missing: which port?");
  if (o.interface.addresses.empty()) refuse("--ip or --ip6 is missing: no address, no host");
  if (o.serve.empty() && !o.connect) refuse("nothing to do: --serve or --connect");
  if (o.connect && o.connect->to.port == 0) refuse("--connect is missing: where to?");
}

}  // namespace

const std::vector<Group>& groups() {
  static const std::vector<Group> all{port_group(), work_group(), fault_group(), tcp_group(), net_group()};
  return all;
}

Options read_options(int count, char** given) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = given[i];
    if (name == "--help" || name == "-h") {
      print_help();
      std::exit(0);
    }
    const Word* word = find(name);
    if (word == nullptr) refuse("unknown word '" + std::string(name) + "'");
    if (!word->takes.empty() && i + 1 >= count)
      refuse(std::string(name) + " takes " + std::string(word->takes));
    const std::string_view text = word->takes.empty() ? std::string_view{} : given[++i];
    if (const char* wanted = word->act(options, text); wanted != nullptr)
      refuse(std::string(name) + " takes " + wanted + ", not '" + std::string(text) + "'");
  }
  check(options);
  return options;
}

}  // namespace postern::tcp_host
