// What a handshake has agreed on, wherever it is kept meanwhile: in the half-open table or in a cookie.
#pragma once

#include <cstdint>

#include "firmware/tcp/sequence_number.hpp"
#include "firmware/wire/address.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp {

struct Handshake {
  wire::Flow flow;
  SeqNumber peer_first;  // IRS
  SeqNumber own_first;   // ISS
  std::uint32_t timestamp_recent = 0;
  std::uint32_t timestamp_offset = 0;
  std::uint16_t peer_mss = 536;
  std::uint8_t peer_shift = 0;
  std::uint16_t user_timeout = 0;  // as on the wire (RFC 5482 §3.1)
  bool scaling = false;
  bool sack = false;
  bool timestamps = false;
  bool ecn = false;  // RFC 3168
};

}  // namespace postern::tcp
