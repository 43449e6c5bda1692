// Keyed hashes of a flow: for the flow table, for initial sequence numbers and timestamps, for ports and
// cookies.
//
// SipHash (libsodium's crypto_shorthash). Each use has its own key or its own label, so nothing seen on the
// wire tells about another use.
#pragma once

#include <array>
#include <cstdint>

#include "firmware/tcp/sequence_number.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::tcp {

using HashKey = std::array<std::uint8_t, 16>;

// `label` and `extra` are hashed with the flow.
std::uint64_t keyed_hash(const HashKey& key, const wire::Flow& flow, std::uint32_t label = 0,
                         std::uint64_t extra = 0);

// Where a flow's own numbers start.
struct FlowOrigin {
  SeqNumber isn;
  std::uint32_t timestamp_offset = 0;
};

// RFC 6528 §3: ISN = M + F(flow, key), M a clock of about four microseconds. The timestamps of a flow run at
// a millisecond from an offset of its own (RFC 7323 §7.1 wants the clock not to be seen).
FlowOrigin flow_origin(const HashKey& key, const wire::Flow& flow, Instant now);

// The timestamp clock before the flow's offset: milliseconds.
inline std::uint32_t timestamp_clock(Instant now) {
  return static_cast<std::uint32_t>(now.time_since_epoch().count() / 1'000'000);
}

}  // namespace postern::tcp
