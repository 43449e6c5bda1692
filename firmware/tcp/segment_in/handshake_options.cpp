#include "firmware/tcp/segment_in/handshake_options.hpp"

#include <algorithm>

namespace postern::tcp {

namespace {
constexpr std::uint16_t kIp4AndTcp = 40;
constexpr std::uint16_t kIp6AndTcp = 60;
}  // namespace

Handshake read_syn(const Core& core, const Arrival& a) {
  Handshake shake;
  shake.flow = a.flow;
  shake.peer_first = a.seq;
  shake.timestamps = a.options.has_timestamps;
  shake.timestamp_recent = a.options.timestamp;
  shake.scaling = a.options.has_window_scale;
  shake.peer_shift = a.options.window_scale;
  shake.sack = a.options.sack_permitted;
  shake.user_timeout = a.options.user_timeout;
  shake.ecn = core.settings.ecn_accept && asks_for_ecn(a);
  const std::uint16_t least = smallest_mss(a.flow.remote.address);
  const std::uint16_t most = std::max(least, largest_mss(core.settings, a.flow.remote.address));
  // RFC 9293 §3.7.1 (MUST-15): without the option, the smallest is assumed.
  shake.peer_mss = std::clamp(a.options.has_mss ? a.options.mss : least, least, most);
  return shake;
}

bool asks_for_ecn(const Arrival& a) {
  return a.has(wire::kTcpEce) && a.has(wire::kTcpCwr);
}

std::uint8_t window_shift(const Settings& settings) {
  std::uint8_t shift = 0;
  while (shift < 14 && (settings.receive_buffer >> shift) > 65535) ++shift;
  return shift;
}

std::uint32_t first_window(const Settings& settings) {
  return std::min({settings.receive_buffer, settings.first_window, 65535u});
}

std::uint16_t largest_mss(const Settings& settings, const wire::IpAddress& peer) {
  return static_cast<std::uint16_t>(settings.mtu - (peer.is_v4() ? kIp4AndTcp : kIp6AndTcp));
}

std::uint16_t smallest_mss(const wire::IpAddress& peer) {
  return peer.is_v4() ? 536 : 1220;
}

std::uint32_t initial_window(const Settings& settings, std::uint32_t mss) {
  return std::min(settings.initial_segments * mss, std::max(2 * mss, settings.initial_segments * 1460u));
}

std::uint16_t user_timeout_option(const Settings& settings) {
  const auto seconds =
      static_cast<std::uint64_t>(std::max(settings.user_timeout_announced / 1s, Duration::rep{0}));
  if (seconds <= 0x7fff) return static_cast<std::uint16_t>(seconds);
  return static_cast<std::uint16_t>(0x8000 | std::min<std::uint64_t>(seconds / 60, 0x7fff));
}

void hear_user_timeout(Core& core, Connection& c, std::uint16_t option) {
  if (option == 0 || !core.settings.user_timeout_from_peer) return;
  const Settings& s = core.settings;
  const Duration told = (option & 0x8000) != 0 ? Duration{1min} * (option & 0x7fff) : Duration{1s} * option;
  const Duration own = std::max({told, s.user_timeout_announced, s.user_timeout_least});
  c.user_timeout =
      static_cast<std::uint16_t>(std::min(std::min(own, s.user_timeout_most) / 1s, Duration::rep{65535}));
  ++core.counters.user_timeouts_heard;
}

void update_mss(Connection& c) {
  constexpr std::uint16_t kTimestamps = 12;
  const std::uint16_t whole = std::min(c.peer_mss, c.path_mss);
  c.mss = static_cast<std::uint16_t>(whole - (c.timestamps ? kTimestamps : 0));
}

}  // namespace postern::tcp
