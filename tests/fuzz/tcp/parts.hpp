// What the fuzz target of the engine is made of: its input, the peers it plays, the settings it draws.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "firmware/tcp/engine.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// A loop over the bytes would be a branch per byte to the fuzzer, and most of its time.
inline bool is_all(Bytes bytes, std::uint8_t wanted) {
  if (bytes.empty()) return true;
  return bytes[0] == wanted && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return size_ == 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::uint16_t word() { return static_cast<std::uint16_t>(byte() << 8 | byte()); }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

// One flow as the other side sees it.
struct Peer {
  std::uint16_t own_port = 25;  // the engine's
  std::uint16_t peer_port = 0;
  std::uint32_t next = 1000;      // what we send next
  std::uint32_t engine_next = 0;  // what the engine sends next
  std::uint32_t engine_una = 0;
  std::uint32_t engine_timestamp = 0;
  std::uint32_t timestamp = 100;
  ConnectionId id;
  bool known = false;
};

// 0: MSS and SACK; 1: window scale and timestamps too; 2: window scale only.
inline wire::TcpOptions honest_syn(std::uint8_t which) {
  wire::TcpOptions options;
  options.has_mss = options.sack_permitted = true;
  options.mss = 1460;
  options.has_timestamps = which == 1;
  options.has_window_scale = which != 0;
  options.window_scale = 7;
  return options;
}

inline Settings settings_from(Input& in) {
  Settings settings;
  const std::uint8_t choice = in.byte();
  settings.connections = 4;
  settings.half_open = 3;
  settings.half_open_plain = (choice & 1) != 0 ? 0 : 2;
  settings.time_wait_records = 2;
  settings.replies = 8;
  settings.timers_per_advance = 4;
  settings.buffer_memory = ((choice & 2) != 0 ? 24u : 200u) * 4096;
  settings.receive_buffer = (choice & 4) != 0 ? 2000 : 200'000;
  settings.send_buffer = (choice & 8) != 0 ? 3000 : 100'000;
  settings.connections_per_prefix = (choice & 16) != 0 ? 2 : 0;
  settings.out_of_order_ranges = (choice & 32) != 0 ? 2 : 32;
  const std::uint8_t features = in.byte();
  settings.pacing = (features & 1) == 0;
  settings.undo = (features & 2) == 0;
  settings.ecn_request = (features & 4) != 0;
  settings.mtu_probe_interval = (features & 8) != 0 ? 1s : 600s;
  settings.non_validated = (features & 16) != 0 ? 1s : 300s;
  settings.half_open_per_prefix = (features & 32) != 0 ? 1 : 0;
  settings.user_timeout_announced = (features & 64) != 0 ? 90s : 0s;
  settings.fin_wait_connections = settings.zero_window_connections = (features & 128) != 0 ? 0 : 100;
  return settings;
}

}  // namespace postern::tcp::fuzz
