// What the TCP engine can be told. Every cap is a setting with a sane default.
#pragma once

#include <array>
#include <cstdint>

#include "platform/base/time.hpp"

namespace postern::tcp {

struct Settings {
  std::uint32_t connections = 16384;          // most connections at once, half-open ones not counted
  std::uint32_t send_buffer = 256 * 1024;     // most bytes queued per connection to send
  std::uint32_t receive_buffer = 256 * 1024;  // most bytes offered as window per connection
  std::uint64_t buffer_memory = 256u << 20;   // bytes for all send and receive queues together
  std::uint16_t mtu = 1500;                   // bytes of IP packet
  std::uint32_t connections_per_prefix = 0;   // most per IPv4 /24 or IPv6 /56; 0: no limit
  Duration minimum_rto = 200ms;  // RFC 6298 §2.4 allows less than a second where clocks are fine
  Duration connect_timeout = 30s;
  Duration user_timeout = 300s;     // unacknowledged data this long: give up (RFC 5482)
  Duration keepalive_idle = 7200s;  // RFC 1122 §4.2.3.6: no less than two hours by default
  Duration time_wait = 60s;
  bool checksum_offload = false;              // the device completes transport checksums
  std::array<std::uint8_t, 16> isn_key{};     // RFC 6528: keys the initial sequence numbers
  std::array<std::uint8_t, 16> cookie_key{};  // RFC 4987: keys the SYN cookies
  std::array<std::uint8_t, 16> table_key{};   // keys the hash of the flow table

  std::uint32_t half_open = 4096;            // most connections in the making
  std::uint32_t half_open_plain = 3072;      // from this many on, SYNs are answered with cookies and not kept
  std::uint32_t half_open_per_prefix = 256;  // the same per IPv4 /24 or IPv6 /56; 0: no limit
  std::uint8_t syn_ack_retries = 4;          // repetitions of a SYN+ACK before it is forgotten
  std::uint32_t time_wait_records = 16384;   // the oldest is recycled when there are more
  std::uint32_t replies = 1024;              // RST, SYN+ACK and other answers waiting for emit()
  std::uint32_t timers_per_advance = 512;    // most timers run per advance()

  std::uint8_t out_of_order_ranges = 128;  // most separate pieces kept per connection, at most 128
  std::uint8_t challenge_acks = 8;        // most per connection and second (RFC 5961 §7)
  std::uint8_t useless_data_acks = 64;    // most answers per connection and second to data outside the window
  std::uint8_t initial_segments = 10;     // RFC 6928
  std::uint8_t retransmissions = 15;      // time-outs in a row before the connection is given up
  std::uint8_t keepalive_probes = 9;
  Duration keepalive_interval = 75s;
  Duration initial_rto = 1s;         // RFC 6298 §2.1
  Duration maximum_rto = 60s;        // RFC 6298 §2.5
  Duration delayed_ack = 40ms;       // RFC 9293 §3.8.6.3: below half a second
  Duration fin_wait_2 = 60s;         // peer silent after our FIN while nobody reads: give up
  Duration fin_wait_longest = 600s;  // no new data in it for so long, however lively the peer: give up
  std::uint32_t fin_wait_connections = 4096;  // with more, a sixteenth of the patience is left for each
  Duration zero_window = 3600s;  // the peer takes nothing for so long though it answers: give up; 0: never
  std::uint32_t zero_window_connections = 1024;  // with more, a sixteenth of the patience is left for each
  Duration user_timeout_announced{0};            // RFC 5482: what we tell peers; 0: nothing
  bool user_timeout_from_peer = true;            // what they tell us counts, between the next two
  Duration user_timeout_least = 100s;
  Duration user_timeout_most = 600s;
  std::uint32_t first_window = 64 * 1024;  // receive window before the reader has shown to keep up

  bool pacing = true;              // segments leave spread over the round trip, not window by window
  std::uint8_t pacing_burst = 10;  // segments that may leave at once after a pause (RFC 6928 §2 allows ten)
  bool ecn_accept = true;          // RFC 3168: connections that ask for it use ECN
  bool ecn_request = false;        // ours ask for it; a SYN that has to be repeated asks no more
  bool undo = true;  // a reduction that turns out to be for nothing is taken back (RFC 4015, 5682, 3708)
  Duration non_validated =
      300s;  // RFC 7661 §4.3: so long a window outlives its use; 0, or unpaced: RFC 5681 §4.1
  bool mtu_probing = true;             // RFC 4821: data probe for larger packets after the path looked small
  Duration mtu_probe_interval = 600s;  // RFC 8899 §5.1.1: between searches
  std::uint8_t mtu_probes = 3;         // RFC 8899 §5.1.2: tries per size
  bool hystart = true;                 // RFC 9406: slow start ends when the round trip grows

  std::uint16_t first_port = 32768;  // range for connect() (RFC 6056 §3.2)
  std::uint16_t last_port = 60999;
  std::uint16_t port_tries = 128;  // most ports looked at per connect()
};

}  // namespace postern::tcp
