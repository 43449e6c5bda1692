#include "tests/packet_scripts/peer.hpp"

#include "firmware/wire/checksum.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp::scripts {

namespace {

constexpr std::uint8_t kEol = 0, kNop = 1, kMss = 2, kScale = 3, kSackPermitted = 4, kSack = 5,
                       kTimestamps = 8;

void put16(std::vector<std::uint8_t>& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

void put32(std::vector<std::uint8_t>& to, std::uint32_t value) {
  put16(to, value >> 16);
  put16(to, value & 0xffff);
}

void put_option(std::vector<std::uint8_t>& to, const Option& option, const Peer& peer) {
  switch (option.kind) {
    case Option::Kind::nop:
      return to.push_back(kNop);
    case Option::Kind::eol:
      return to.push_back(kEol);
    case Option::Kind::mss:
      to.insert(to.end(), {kMss, 4});
      return put16(to, option.value);
    case Option::Kind::scale:
      to.insert(to.end(), {kScale, 3, static_cast<std::uint8_t>(option.value)});
      return;
    case Option::Kind::sack_permitted:
      to.insert(to.end(), {kSackPermitted, 2});
      return;
    case Option::Kind::timestamps:
      to.insert(to.end(), {kTimestamps, 10});
      put32(to, option.value);
      return put32(to, option.echo == 0 ? 0 : option.echo + peer.timestamp_base);
    case Option::Kind::sack:
      to.insert(to.end(), {kSack, static_cast<std::uint8_t>(2 + 8 * option.blocks.size())});
      for (const auto& [start, end] : option.blocks) {
        put32(to, static_cast<std::uint32_t>(start) + peer.engine_first);
        put32(to, static_cast<std::uint32_t>(end) + peer.engine_first);
      }
      return;
    case Option::Kind::raw:
      to.insert(to.end(), option.bytes.begin(), option.bytes.end());
  }
}

void get_options(const wire::TcpOptions& options, Peer& peer, Segment& segment) {
  if (options.has_mss) segment.options.push_back({Option::Kind::mss, options.mss});
  if (options.sack_permitted) segment.options.push_back({Option::Kind::sack_permitted});
  if (options.has_timestamps) {
    if (!peer.timestamp_known) peer.timestamp_base = options.timestamp - kFirstTimestamp;
    peer.timestamp_known = true;
    segment.options.push_back(
        {Option::Kind::timestamps, options.timestamp - peer.timestamp_base, options.timestamp_echo});
  }
  if (options.has_window_scale) segment.options.push_back({Option::Kind::scale, options.window_scale});
  if (options.sack_count == 0) return;
  Option sack{Option::Kind::sack};
  for (std::size_t i = 0; i < options.sack_count; ++i) {
    sack.blocks.emplace_back(static_cast<std::int32_t>(options.sack[i].start - kPeerFirst),
                             static_cast<std::int32_t>(options.sack[i].end - kPeerFirst));
  }
  segment.options.push_back(sack);
}

}  // namespace

std::uint8_t peer_byte(std::int64_t position) {
  return static_cast<std::uint8_t>(position * 7 + position / 256);
}

std::uint8_t engine_byte(std::int64_t position) {
  return static_cast<std::uint8_t>(position * 11 + position / 256 + 5);
}

std::vector<std::uint8_t> encode(const Segment& segment, const Peer& peer) {
  std::vector<std::uint8_t> bytes;
  put16(bytes, peer.peer.port);
  put16(bytes, peer.engine.port);
  put32(bytes, static_cast<std::uint32_t>(segment.start) + kPeerFirst);
  put32(bytes, segment.ack ? static_cast<std::uint32_t>(*segment.ack) + peer.engine_first : 0);
  put16(bytes, segment.flags);
  put16(bytes, segment.window.value_or(65535));
  put16(bytes, 0);
  put16(bytes, segment.urgent.value_or(0));
  for (const Option& option : segment.options) put_option(bytes, option, peer);
  while (bytes.size() % 4 != 0) bytes.push_back(kEol);
  bytes[12] = static_cast<std::uint8_t>(segment.data_offset.value_or(bytes.size() / 4) << 4);
  const std::int64_t first = segment.start + ((segment.flags & wire::kTcpSyn) != 0 ? 1 : 0);
  for (std::uint32_t i = 0; i < segment.length; ++i) bytes.push_back(peer_byte(first + i));
  const std::uint32_t pseudo = wire::pseudo_header_sum(
      peer.peer.address, peer.engine.address, wire::kIpProtocolTcp, static_cast<std::uint32_t>(bytes.size()));
  const std::uint16_t sum = wire::checksum_finish(wire::checksum_add(pseudo, bytes));
  store_be16(bytes.data() + wire::kTcpChecksumOffset, segment.bad_checksum ? sum ^ 1u : sum);
  return bytes;
}

Segment decode(const OutgoingSegment& out, Bytes bytes, Peer& peer) {
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(out.source, out.destination, wire::kIpProtocolTcp, out.length);
  if (wire::checksum_finish(wire::checksum_add(pseudo, bytes)) != 0)
    throw Fault{0, "the engine sent a wrong checksum"};
  const auto view = wire::TcpView::parse(bytes);
  if (!view) throw Fault{0, "the engine sent a malformed header"};
  Segment segment;
  segment.flags = view->flags();
  if ((segment.flags & wire::kTcpSyn) != 0) {
    peer.engine_first = view->sequence();
    peer.engine_known = true;
  }
  // A reset for a segment without ACK has the number zero, whatever the conversation's first one was.
  const bool refusal = (segment.flags & wire::kTcpRst) != 0 && view->sequence() == 0;
  segment.start = refusal ? 0 : static_cast<std::int32_t>(view->sequence() - peer.engine_first);
  segment.length = static_cast<std::uint32_t>(view->payload().size());
  if ((segment.flags & wire::kTcpAck) != 0)
    segment.ack = static_cast<std::int32_t>(view->acknowledgment() - kPeerFirst);
  segment.window = view->window();
  if ((segment.flags & wire::kTcpUrg) != 0) segment.urgent = view->urgent_pointer();
  segment.ecn = out.ecn;
  get_options(wire::parse_tcp_options(view->options()), peer, segment);
  for (std::uint32_t i = 0; i < segment.length; ++i) {
    if (view->payload()[i] != engine_byte(segment.start + i))
      throw Fault{0, "the engine sent a wrong byte at " + std::to_string(segment.start + i) + " in " +
                         print(segment)};
  }
  return segment;
}

}  // namespace postern::tcp::scripts
