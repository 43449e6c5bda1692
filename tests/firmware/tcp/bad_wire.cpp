#include <algorithm>

#include "firmware/wire/checksum.hpp"
#include "firmware/wire/tcp.hpp"
#include "tests/firmware/tcp/two_engines.hpp"

namespace postern::tcp::testing {

namespace {

constexpr std::uint8_t kWindowScale = 3;
constexpr std::uint8_t kSackPermitted = 4;
constexpr std::uint8_t kTimestamps = 8;
constexpr std::uint8_t kMarked = 3;

std::uint64_t count_of(Duration time) {
  return static_cast<std::uint64_t>(std::max<Duration::rep>(time.count(), 0));
}

Duration below(Dice& dice, Duration most) {
  return Duration{static_cast<Duration::rep>(dice.below(count_of(most) + 1))};
}

bool only_acknowledges(Bytes bytes) {
  constexpr std::uint8_t kOthers = wire::kTcpSyn | wire::kTcpFin | wire::kTcpRst;
  return bytes.size() == static_cast<std::size_t>(bytes[12] >> 4) * 4 && (bytes[13] & kOthers) == 0;
}

// Options of this kind become NOPs.
void strip(std::vector<std::uint8_t>& bytes, std::uint8_t kind) {
  const std::size_t end = static_cast<std::size_t>(bytes[12] >> 4) * 4;
  for (std::size_t at = wire::kTcpHeaderBytes; at < end && bytes[at] != 0;) {
    const std::size_t length = bytes[at] == 1 ? 1 : bytes[at + 1];
    if (bytes[at] == kind)
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, std::uint8_t{1});
    at += length;
  }
}

void seal(Packet& packet) {
  store_be16(packet.bytes.data() + wire::kTcpChecksumOffset, 0);
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(packet.info.source, packet.info.destination, wire::kIpProtocolTcp,
                              static_cast<std::uint32_t>(packet.bytes.size()));
  store_be16(packet.bytes.data() + wire::kTcpChecksumOffset,
             wire::checksum_finish(wire::checksum_add(pseudo, packet.bytes)));
}

}  // namespace

bool BadWire::swallowed(int from, bool acknowledges, Duration since) {
  const bool cut = since >= faults_.cut_from && since < faults_.cut_until;
  if (cut && (faults_.cut_way < 0 || faults_.cut_way == from)) return true;
  if (burst_left_[from] > 0) {
    --burst_left_[from];
    return true;
  }
  if (dice_.per_mille(faults_.burst))
    burst_left_[from] = static_cast<std::uint32_t>(dice_.below(faults_.burst_length));
  return dice_.per_mille(faults_.loss) || (acknowledges && dice_.per_mille(faults_.ack_loss));
}

bool BadWire::too_large(const OutgoingSegment& out, Duration since) const {
  const bool small = faults_.mtu != 0 && since >= faults_.mtu_from && since < faults_.mtu_until;
  return small && out.length + 20u > faults_.mtu;
}

void BadWire::change(Packet& packet, Duration since) {
  const bool syn = (packet.bytes[13] & wire::kTcpSyn) != 0;
  if (syn && faults_.strip_sack) strip(packet.bytes, kSackPermitted);
  if (syn && faults_.strip_scale) strip(packet.bytes, kWindowScale);
  if ((syn && faults_.strip_timestamps) || since >= faults_.timestamps_until)
    strip(packet.bytes, kTimestamps);
  if (!syn && since >= faults_.shrink_from && since < faults_.shrink_until) {
    const std::uint16_t window = load_be16(packet.bytes.data() + 14);
    store_be16(packet.bytes.data() + 14, static_cast<std::uint16_t>(window >> faults_.shrink_shift));
  }
  if (packet.info.ecn != 0 && dice_.per_mille(faults_.mark)) packet.info.ecn = kMarked;
  seal(packet);
  if (dice_.per_mille(faults_.corrupt))
    packet.bytes[dice_.below(packet.bytes.size())] ^= static_cast<std::uint8_t>(1 + dice_.below(255));
}

void BadWire::delay(Packet& packet, bool acknowledges, std::uint64_t copy, Instant now) {
  packet.at = now + faults_.delay + below(dice_, faults_.jitter);
  packet.number = dice_.next();
  // Without jitter the order is kept.
  if (faults_.jitter == Duration{0}) packet.number = packets_ * 2 + copy;
  if (dice_.per_mille(faults_.late)) packet.at += below(dice_, faults_.lateness);
  packet.thinned = acknowledges && faults_.thinning > Duration{0};
  if (!packet.thinned) return;
  const Duration since = packet.at - start_;
  packet.at = start_ + (since / faults_.thinning + 1) * faults_.thinning;
  packet.number = packets_ * 2 + copy;
  last_acknowledgment_[1 - packet.to] = {packet.at, packet.number};
}

void BadWire::put(int from, const OutgoingSegment& out, Bytes bytes, Instant now,
                  const std::function<void(const IcmpError&)>& icmp) {
  ++packets_;
  const Duration since = now - start_;
  const bool acknowledges = only_acknowledges(bytes);
  if (swallowed(from, acknowledges, since)) return;
  if (too_large(out, since)) {
    const wire::Flow flow{{out.source, load_be16(bytes.data())},
                          {out.destination, load_be16(bytes.data() + 2)}};
    if (faults_.mtu_told)
      icmp({flow, IcmpError::Kind::packet_too_big, load_be32(bytes.data() + 4), faults_.mtu});
    return;
  }
  const std::uint64_t copies = dice_.per_mille(faults_.repeat) ? 2 : 1;
  for (std::uint64_t copy = 0; copy < copies; ++copy) {
    Packet packet;
    packet.to = 1 - from;
    packet.info = {out.source, out.destination, out.ecn, false};
    packet.bytes.assign(bytes.begin(), bytes.end());
    delay(packet, acknowledges, copy, now);
    change(packet, since);
    queue_.push(std::move(packet));
  }
}

std::optional<Packet> BadWire::take(Instant now) {
  while (!queue_.empty() && queue_.top().at <= now) {
    Packet packet = queue_.top();
    queue_.pop();
    const auto& last = last_acknowledgment_[1 - packet.to];
    if (packet.thinned && last.at == packet.at && last.number != packet.number) continue;
    return packet;
  }
  return std::nullopt;
}

}  // namespace postern::tcp::testing
