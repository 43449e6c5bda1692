#include "tests/packet_scripts/settings_table.hpp"

#include <charconv>
#include <functional>
#include <map>

namespace postern::tcp::scripts {

namespace {

std::uint64_t number(const std::string& text, std::string* unit = nullptr) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) throw Fault{0, "not a number: " + text};
  const std::string rest{end, text.data() + text.size()};
  if (unit == nullptr && !rest.empty()) throw Fault{0, "not a number: " + text};
  if (unit != nullptr) *unit = rest;
  return value;
}

template <typename T>
void assign(T& field, const std::string& text) {
  const std::uint64_t value = number(text);
  field = static_cast<T>(value);
  if (static_cast<std::uint64_t>(field) != value) throw Fault{0, "too large: " + text};
}

// 200ms, 3s, 50us
void assign(Duration& field, const std::string& text) {
  std::string unit;
  const auto count = static_cast<std::int64_t>(number(text, &unit));
  if (unit == "us")
    field = std::chrono::microseconds{count};
  else if (unit == "ms")
    field = std::chrono::milliseconds{count};
  else if (unit == "s")
    field = std::chrono::seconds{count};
  else
    throw Fault{0, "a time needs us, ms or s: " + text};
}

using Setter = std::function<void(World&, const std::string&)>;

#define SETTING(name)                                                                \
  {                                                                                  \
#name, [](World & w, const std::string& text) { assign(w.settings.name, text); } \
  }
const std::map<std::string, Setter> kSettings = {
    SETTING(connections),
    SETTING(send_buffer),
    SETTING(receive_buffer),
    SETTING(buffer_memory),
    SETTING(mtu),
    SETTING(connections_per_prefix),
    SETTING(minimum_rto),
    SETTING(connect_timeout),
    SETTING(user_timeout),
    SETTING(keepalive_idle),
    SETTING(time_wait),
    SETTING(half_open),
    SETTING(half_open_plain),
    SETTING(syn_ack_retries),
    SETTING(time_wait_records),
    SETTING(replies),
    SETTING(timers_per_advance),
    SETTING(out_of_order_ranges),
    SETTING(challenge_acks),
    SETTING(initial_segments),
    SETTING(retransmissions),
    SETTING(keepalive_probes),
    SETTING(keepalive_interval),
    SETTING(initial_rto),
    SETTING(maximum_rto),
    SETTING(delayed_ack),
    SETTING(fin_wait_2),
    SETTING(first_window),
    SETTING(first_port),
    SETTING(last_port),
    SETTING(port_tries),
    SETTING(half_open_per_prefix),
    SETTING(useless_data_acks),
    SETTING(fin_wait_longest),
    SETTING(fin_wait_connections),
    SETTING(zero_window),
    SETTING(zero_window_connections),
    SETTING(user_timeout_announced),
    SETTING(user_timeout_from_peer),
    SETTING(user_timeout_least),
    SETTING(user_timeout_most),
    SETTING(non_validated),
    SETTING(mtu_probing),
    SETTING(mtu_probe_interval),
    SETTING(mtu_probes),
    SETTING(pacing),
    SETTING(pacing_burst),
    SETTING(hystart),
    SETTING(ecn_accept),
    SETTING(ecn_request),
    SETTING(undo),
    {"tolerance", [](World& w, const std::string& text) { assign(w.tolerance, text); }},
    {"ip_version",
     [](World& w, const std::string& text) {
       if (text != "ipv4" && text != "ipv6") throw Fault{0, "ipv4 or ipv6, not " + text};
       w.ipv6 = text == "ipv6";
     }},
};
#undef SETTING

}  // namespace

World world_of(const Script& script) {
  World world;
  Settings& s = world.settings;
  s.connections = 8;
  s.half_open = 8;
  s.half_open_plain = 6;
  s.time_wait_records = 4;
  s.replies = 16;
  s.buffer_memory = 4 << 20;
  s.pacing = false;
  s.hystart = false;
  s.ecn_request = false;
  for (std::size_t i = 0; i < 16; ++i)
    s.isn_key[i] = s.cookie_key[i] = s.table_key[i] = static_cast<std::uint8_t>(i);
  for (const Setting& setting : script.settings) {
    const auto found = kSettings.find(setting.name);
    if (found == kSettings.end()) throw Fault{setting.line, "no such setting: " + setting.name};
    try {
      found->second(world, setting.value);
    } catch (const Fault& fault) {
      throw Fault{setting.line, setting.name + ": " + fault.text};
    }
  }
  return world;
}

}  // namespace postern::tcp::scripts
