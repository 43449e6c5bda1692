// SYN cookies: the handshake is kept by the peer. RFC 4987 §3.6.
//
// Our initial sequence number carries a coarse time, an index into a table of MSS values and 24 bits of a
// keyed hash over them, the flow and the peer's first sequence number. Where the peer uses timestamps, the
// low bits of the one we send, which it echoes, carry its window scale and whether SACK is permitted.
#pragma once

#include <optional>

#include "firmware/tcp/handshake.hpp"
#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

inline constexpr Duration kCookieLifetime = 128s;

// Turns `shake.own_first` into a cookie, and cuts the handshake down to what the cookie will give back.
void make_cookie(const HashKey& key, Handshake& shake, Instant now);
// The timestamp of the SYN+ACK: not later than the clock, options in its low bits.
std::uint32_t cookie_timestamp(const Handshake& shake, Instant now);
// The handshake `a` completes, if it is one of ours and not older than kCookieLifetime.
std::optional<Handshake> read_cookie(const Settings& settings, const Arrival& a);
// True where `a` acknowledges something that has the time of a cookie that is still good.
bool may_be_cookie(const Arrival& a);

}  // namespace postern::tcp
