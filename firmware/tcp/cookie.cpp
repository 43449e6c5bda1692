#include "firmware/tcp/cookie.hpp"

#include <algorithm>
#include <array>

#include "firmware/tcp/segment_in/handshake_options.hpp"

namespace postern::tcp {

namespace {

constexpr std::uint32_t kCookieLabel = 2;
constexpr std::array<std::uint16_t, 8> kMssTable = {536, 1220, 1300, 1360, 1400, 1440, 1460, 8960};

// ISN: 5 bits of time, 3 bits of MSS index, 24 bits of hash.
constexpr unsigned kTimeBits = 5;
constexpr unsigned kHashBits = 24;
constexpr std::uint32_t kTimeMask = (1u << kTimeBits) - 1;
constexpr std::uint32_t kHashMask = (1u << kHashBits) - 1;

// Low bits of the timestamp: scale (4, 15: none), SACK (1), ECN (1).
constexpr std::uint32_t kOptionBits = 6;
constexpr std::uint32_t kOptionMask = (1u << kOptionBits) - 1;
constexpr std::uint32_t kNoScale = 15;

std::uint32_t period(Instant now) {
  return static_cast<std::uint32_t>(now.time_since_epoch() / (kCookieLifetime / 2));
}

std::uint32_t cookie(const HashKey& key, const wire::Flow& flow, SeqNumber peer_first, std::uint32_t when,
                     std::uint32_t mss) {
  // The whole period is hashed, not only the bits the cookie shows.
  const std::uint64_t extra = std::uint64_t{when} << 32 | peer_first.raw();
  const std::uint64_t hash = keyed_hash(key, flow, kCookieLabel + (mss << 8), extra);
  return (when & kTimeMask) << (32 - kTimeBits) | mss << kHashBits |
         (static_cast<std::uint32_t>(hash) & kHashMask);
}

std::uint32_t mss_index(std::uint16_t mss) {
  std::uint32_t index = 0;
  while (index + 1 < kMssTable.size() && kMssTable[index + 1] <= mss) ++index;
  return index;
}

// What the echoed timestamp says; nothing where the peer does not send timestamps.
void read_options(const Settings& settings, const Arrival& a, Handshake& shake) {
  shake.timestamp_offset = flow_origin(settings.isn_key, a.flow, a.now).timestamp_offset;
  if (!a.options.has_timestamps) return;
  const std::uint32_t bits = (a.options.timestamp_echo - shake.timestamp_offset) & kOptionMask;
  shake.timestamps = true;
  shake.timestamp_recent = a.options.timestamp;
  shake.scaling = (bits & 15) != kNoScale;
  shake.peer_shift = shake.scaling ? static_cast<std::uint8_t>(bits & 15) : std::uint8_t{0};
  shake.sack = (bits & 16) != 0;
  shake.ecn = (bits & 32) != 0;
}

}  // namespace

void make_cookie(const HashKey& key, Handshake& shake, Instant now) {
  shake.own_first =
      SeqNumber{cookie(key, shake.flow, shake.peer_first, period(now), mss_index(shake.peer_mss))};
  if (shake.timestamps) return;
  shake.scaling = false;  // nowhere to keep it
  shake.sack = false;
  shake.ecn = false;
}

std::uint32_t cookie_timestamp(const Handshake& shake, Instant now) {
  const std::uint32_t options =
      (shake.scaling ? shake.peer_shift : kNoScale) | (shake.sack ? 16u : 0u) | (shake.ecn ? 32u : 0u);
  const std::uint32_t clock = timestamp_clock(now);
  std::uint32_t value = (clock & ~kOptionMask) | options;
  if (value > clock) value -= kOptionMask + 1;
  return value + shake.timestamp_offset;
}

std::optional<Handshake> read_cookie(const Settings& settings, const Arrival& a) {
  const std::uint32_t given = a.ack.raw() - 1;
  const std::uint32_t mss = given >> kHashBits & 7;
  const std::uint32_t now = period(a.now);
  const SeqNumber peer_first = a.seq - 1;
  for (const std::uint32_t when : {now, now - 1}) {
    if ((given >> (32 - kTimeBits)) != (when & kTimeMask)) continue;
    if (cookie(settings.cookie_key, a.flow, peer_first, when, mss) != given) continue;
    Handshake shake;
    shake.flow = a.flow;
    shake.peer_first = peer_first;
    shake.own_first = SeqNumber{given};
    shake.peer_mss = std::clamp(
        kMssTable[mss], smallest_mss(a.flow.remote.address),
        std::max(smallest_mss(a.flow.remote.address), largest_mss(settings, a.flow.remote.address)));
    read_options(settings, a, shake);
    return shake;
  }
  return std::nullopt;
}

bool may_be_cookie(const Arrival& a) {
  const std::uint32_t when = (a.ack.raw() - 1) >> (32 - kTimeBits);
  const std::uint32_t now = period(a.now);
  return when == (now & kTimeMask) || when == ((now - 1) & kTimeMask);
}

}  // namespace postern::tcp
