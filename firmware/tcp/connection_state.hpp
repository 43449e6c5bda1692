// The states of RFC 9293 §3.3.2 as bits, so that "one of these states" is a value.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::tcp {

enum class ConnectionState : std::uint16_t {
  closed = 0,
  syn_sent = 1 << 0,
  syn_received = 1 << 1,
  established = 1 << 2,
  fin_wait_1 = 1 << 3,
  fin_wait_2 = 1 << 4,
  close_wait = 1 << 5,
  closing = 1 << 6,
  last_ack = 1 << 7,
  time_wait = 1 << 8,
};

class StateSet {
 public:
  constexpr StateSet(ConnectionState state) : bits_(static_cast<std::uint16_t>(state)) {}
  constexpr StateSet operator|(StateSet other) const {
    return StateSet{static_cast<std::uint16_t>(bits_ | other.bits_)};
  }
  constexpr bool has(ConnectionState state) const { return (bits_ & static_cast<std::uint16_t>(state)) != 0; }

 private:
  constexpr explicit StateSet(std::uint16_t bits) : bits_(bits) {}
  std::uint16_t bits_;
};

constexpr StateSet operator|(ConnectionState a, ConnectionState b) {
  return StateSet{a} | StateSet{b};
}

// Our SYN is acknowledged and the peer's is known.
inline constexpr StateSet kSynchronized = ConnectionState::established | ConnectionState::fin_wait_1 |
                                          ConnectionState::fin_wait_2 | ConnectionState::close_wait |
                                          ConnectionState::closing | ConnectionState::last_ack;
// The peer's data are still wanted.
inline constexpr StateSet kReceiving =
    ConnectionState::established | ConnectionState::fin_wait_1 | ConnectionState::fin_wait_2;
// Our FIN is queued or sent.
inline constexpr StateSet kFinishing = ConnectionState::fin_wait_1 | ConnectionState::fin_wait_2 |
                                       ConnectionState::closing | ConnectionState::last_ack;
// Data and FIN may leave.
inline constexpr StateSet kSending = ConnectionState::established | ConnectionState::close_wait |
                                     ConnectionState::fin_wait_1 | ConnectionState::closing |
                                     ConnectionState::last_ack;

constexpr std::string_view state_name(ConnectionState state) {
  switch (state) {
    case ConnectionState::closed:
      return "CLOSED";
    case ConnectionState::syn_sent:
      return "SYN-SENT";
    case ConnectionState::syn_received:
      return "SYN-RECEIVED";
    case ConnectionState::established:
      return "ESTABLISHED";
    case ConnectionState::fin_wait_1:
      return "FIN-WAIT-1";
    case ConnectionState::fin_wait_2:
      return "FIN-WAIT-2";
    case ConnectionState::close_wait:
      return "CLOSE-WAIT";
    case ConnectionState::closing:
      return "CLOSING";
    case ConnectionState::last_ack:
      return "LAST-ACK";
    case ConnectionState::time_wait:
      return "TIME-WAIT";
  }
  return "?";
}

}  // namespace postern::tcp
