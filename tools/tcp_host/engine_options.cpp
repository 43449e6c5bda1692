// Every setting of firmware/tcp and firmware/net as a word of the command line, with its default from the
// code.
#include <limits>
#include <type_traits>

#include "tools/tcp_host/options.hpp"

namespace postern::tcp_host {
namespace {

template <typename Owner, typename Value>
Word word_for(std::string_view name, Owner Options::*engine, Value Owner::*member, std::string_view help) {
  const Value preset = Options{}.*engine.*member;
  std::string text(help);
  if constexpr (std::is_same_v<Value, Duration>) {
    text += " (" + span_text(preset) + ")";
    return {name, "SPAN", text, [=](Options& o, std::string_view given) -> const char* {
              return read_span(given, o.*engine.*member) ? nullptr : "a span of time such as 200ms";
            }};
  } else if constexpr (std::is_same_v<Value, bool>) {
    text += preset ? " (on)" : " (off)";
    return {name, "on|off", text, [=](Options& o, std::string_view given) -> const char* {
              if (given != "on" && given != "off") return "on or off";
              o.*engine.*member = given == "on";
              return nullptr;
            }};
  } else {
    text += " (" + std::to_string(preset) + ")";
    return {name, "N", text, [=](Options& o, std::string_view given) -> const char* {
              std::uint64_t value = 0;
              if (!read_number(given, value) || value > std::numeric_limits<Value>::max())
                return "a number that fits the setting";
              o.*engine.*member = static_cast<Value>(value);
              return nullptr;
            }};
  }
}

template <typename Value>
Word tcp(std::string_view name, Value tcp::Settings::*member, std::string_view help) {
  return word_for(name, &Options::tcp, member, help);
}

template <typename Value>
Word net(std::string_view name, Value net::Settings::*member, std::string_view help) {
  return word_for(name, &Options::net, member, help);
}

}  // namespace

Group tcp_group() {
  using S = tcp::Settings;
  return {
      "TCP SETTINGS",
      {
          tcp("--connections", &S::connections, "most connections at once"),
          tcp("--send-buffer", &S::send_buffer, "most bytes queued to send, per connection"),
          tcp("--receive-buffer", &S::receive_buffer, "most bytes offered as window"),
          tcp("--buffer-memory", &S::buffer_memory, "bytes for all queues together"),
          tcp("--connections-per-prefix", &S::connections_per_prefix,
              "most per IPv4 /24 or IPv6 /56; 0: no limit"),
          tcp("--minimum-rto", &S::minimum_rto, "RFC 6298 §2.4"),
          tcp("--maximum-rto", &S::maximum_rto, "RFC 6298 §2.5"),
          tcp("--initial-rto", &S::initial_rto, "RFC 6298 §2.1"),
          tcp("--connect-timeout", &S::connect_timeout, "of our own opens"),
          tcp("--user-timeout", &S::user_timeout, "unacknowledged data this long ends a connection"),
          tcp("--keepalive-idle", &S::keepalive_idle, "silence before the first keepalive"),
          tcp("--keepalive-interval", &S::keepalive_interval, "between two of them"),
          tcp("--keepalive-probes", &S::keepalive_probes, "unanswered ones that end a connection"),
          tcp("--time-wait", &S::time_wait, "how long TIME-WAIT lasts"),
          tcp("--time-wait-records", &S::time_wait_records, "most of them; the oldest is recycled"),
          tcp("--half-open", &S::half_open, "most handshakes at once"),
          tcp("--half-open-plain", &S::half_open_plain, "from this many on SYNs are answered with cookies"),
          tcp("--syn-ack-retries", &S::syn_ack_retries, "repetitions of a SYN+ACK"),
          tcp("--replies", &S::replies, "RST and other answers that wait"),
          tcp("--timers-per-advance", &S::timers_per_advance, "most timers run per step"),
          tcp("--out-of-order-ranges", &S::out_of_order_ranges, "most separate pieces per connection"),
          tcp("--challenge-acks", &S::challenge_acks, "most per connection and second (RFC 5961)"),
          tcp("--initial-segments", &S::initial_segments, "first congestion window (RFC 6928)"),
          tcp("--retransmissions", &S::retransmissions, "time-outs in a row before giving up"),
          tcp("--delayed-ack", &S::delayed_ack, "longest delay of an acknowledgment"),
          tcp("--fin-wait-2", &S::fin_wait_2, "a peer that never closes is given up after"),
          tcp("--first-window", &S::first_window, "receive window before the reader has shown to keep up"),
          tcp("--pacing", &S::pacing, "segments leave spread over the round trip"),
          tcp("--pacing-burst", &S::pacing_burst, "segments that may leave at once after a pause"),
          tcp("--ecn-accept", &S::ecn_accept, "use ECN with peers that ask for it (RFC 3168)"),
          tcp("--ecn-request", &S::ecn_request, "ask for it"),
          tcp("--undo", &S::undo, "take needless reductions back"),
          tcp("--hystart", &S::hystart, "leave slow start when the round trip grows (RFC 9406)"),
          tcp("--non-validated", &S::non_validated, "how long an unused window lasts (RFC 7661)"),
          tcp("--mtu-probing", &S::mtu_probing, "search for larger packets after the path looked small"),
          tcp("--mtu-probe-interval", &S::mtu_probe_interval, "between searches (RFC 8899)"),
          tcp("--mtu-probes", &S::mtu_probes, "tries per size"),
          tcp("--half-open-per-prefix", &S::half_open_per_prefix,
              "handshakes per IPv4 /24 or IPv6 /56; 0: no limit"),
          tcp("--useless-data-acks", &S::useless_data_acks, "answers to data outside the window, per second"),
          tcp("--fin-wait-longest", &S::fin_wait_longest, "no new data for so long after our FIN: give up"),
          tcp("--fin-wait-connections", &S::fin_wait_connections, "with more of those, less patience"),
          tcp("--zero-window", &S::zero_window, "a peer that takes nothing is given up after; 0: never"),
          tcp("--zero-window-connections", &S::zero_window_connections, "with more of those, less patience"),
          tcp("--user-timeout-announced", &S::user_timeout_announced,
              "what peers are told (RFC 5482); 0: nothing"),
          tcp("--user-timeout-from-peer", &S::user_timeout_from_peer, "heed what peers say"),
          tcp("--user-timeout-least", &S::user_timeout_least, "of what they may ask for"),
          tcp("--user-timeout-most", &S::user_timeout_most, "of what they may ask for"),
          tcp("--first-port", &S::first_port, "of the range of our own opens"),
          tcp("--last-port", &S::last_port, "of that range"),
          tcp("--port-tries", &S::port_tries, "ports looked at per open"),
      }};
}

Group net_group() {
  using S = net::Settings;
  return {"IP SETTINGS",
          {
              net("--neighbours", &S::neighbours, "entries in the neighbour cache"),
              net("--frames-per-neighbour", &S::frames_per_neighbour, "frames that wait for one neighbour"),
              net("--waiting-frames", &S::waiting_frames, "frames that wait for all neighbours together"),
              net("--answers", &S::answers, "queued answers"),
              net("--icmp-per-second", &S::icmp_per_second, "echo replies, and ICMP errors, per second"),
              net("--reassemblies", &S::reassemblies, "datagrams being put together"),
              net("--reassembly-memory", &S::reassembly_memory, "bytes held for them"),
              net("--dad", &S::duplicate_address_detection, "duplicate address detection (RFC 4862 §5.4)"),
              net("--arp-probing", &S::address_probing, "the same for IPv4 (RFC 5227 §2.1)"),
              net("--router-advertisements", &S::router_advertisements, "take default routers from them"),
          }};
}

}  // namespace postern::tcp_host
