#include "firmware/wire/tcp.hpp"

#include <algorithm>

namespace postern::wire {

namespace {

// RFC 9293 §3.2 and the registry it points to.
enum Kind : std::uint8_t {
  kEnd = 0,
  kNop = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8,
  kUserTimeout = 28
};

// The one layout nearly every segment has: NOP, NOP, timestamps (RFC 7323 appendix A).
constexpr std::uint32_t kUsualTimestamps = 0x0101080a;

void read_sack(Bytes body, TcpOptions& out) {
  if (body.empty() || body.size() % 8 != 0) return;
  out.sack_count = static_cast<std::uint8_t>(std::min<std::size_t>(body.size() / 8, out.sack.size()));
  for (std::size_t i = 0; i < out.sack_count; ++i) {
    out.sack[i] = {load_be32(body.data() + 8 * i), load_be32(body.data() + 8 * i + 4)};
  }
}

void read_option(std::uint8_t kind, Bytes body, TcpOptions& out) {
  if (kind == kMss && body.size() == 2) {
    out.has_mss = true;
    out.mss = load_be16(body.data());
  } else if (kind == kWindowScale && body.size() == 1) {
    out.has_window_scale = true;
    out.window_scale = std::min<std::uint8_t>(body[0], 14);  // RFC 7323 §2.3
  } else if (kind == kSackPermitted && body.empty()) {
    out.sack_permitted = true;
  } else if (kind == kSack) {
    read_sack(body, out);
  } else if (kind == kTimestamps && body.size() == 8) {
    out.has_timestamps = true;
    out.timestamp = load_be32(body.data());
    out.timestamp_echo = load_be32(body.data() + 4);
  } else if (kind == kUserTimeout && body.size() == 2) {
    out.user_timeout = load_be16(body.data());
  }
}

std::uint8_t* put16(std::uint8_t* at, std::uint16_t value) {
  store_be16(at, value);
  return at + 2;
}

std::uint8_t* put32(std::uint8_t* at, std::uint32_t value) {
  store_be32(at, value);
  return at + 4;
}

std::size_t bytes_before_sack(const TcpOptions& options) {
  std::size_t bytes = 0;
  if (options.has_mss) bytes += 4;
  if (options.has_timestamps) bytes += 12;
  if (options.sack_permitted && !options.has_timestamps) bytes += 4;
  if (options.has_window_scale) bytes += 4;
  if (options.user_timeout != 0) bytes += 4;
  return bytes;
}

std::size_t sack_blocks_that_fit(const TcpOptions& options) {
  const std::size_t left = kTcpHeaderMost - kTcpHeaderBytes - bytes_before_sack(options);
  return left < 4 ? 0 : std::min<std::size_t>(options.sack_count, (left - 4) / 8);
}

// SACK-permitted takes the place of the two NOPs in front of the timestamps.
std::uint8_t* put_timestamps(std::uint8_t* at, const TcpOptions& options) {
  at = put16(at, options.sack_permitted ? 0x0402 : 0x0101);
  at = put16(at, 0x080a);
  at = put32(at, options.timestamp);
  return put32(at, options.timestamp_echo);
}

std::uint8_t* put_sack(std::uint8_t* at, const TcpOptions& options) {
  const std::size_t blocks = sack_blocks_that_fit(options);
  if (blocks == 0) return at;
  at = put32(at, 0x01010500 | static_cast<std::uint32_t>(2 + 8 * blocks));
  for (std::size_t i = 0; i < blocks; ++i) {
    at = put32(at, options.sack[i].start);
    at = put32(at, options.sack[i].end);
  }
  return at;
}

}  // namespace

Result<TcpView> TcpView::parse(Bytes segment) {
  if (segment.size() < kTcpHeaderBytes) return fail("tcp header is cut short");
  const TcpView view{segment};
  if (view.header_bytes() < kTcpHeaderBytes) return fail("tcp data offset is below five");
  if (view.header_bytes() > segment.size()) return fail("tcp options run past the segment");
  return view;
}

TcpOptions parse_tcp_options(Bytes options) {
  TcpOptions out;
  if (options.size() == 12 && load_be32(options.data()) == kUsualTimestamps) {
    read_option(kTimestamps, options.subspan(4), out);
    return out;
  }
  while (!options.empty() && options[0] != kEnd) {
    if (options[0] == kNop) {
      options = options.subspan(1);
      continue;
    }
    // RFC 9293 §3.1 MUST-7: an illegal option length must be handled without misbehaviour.
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return out;
    read_option(options[0], options.subspan(2, options[1] - std::size_t{2}), out);
    options = options.subspan(options[1]);
  }
  return out;
}

std::size_t tcp_header_bytes(const TcpOptions& options) {
  const std::size_t blocks = sack_blocks_that_fit(options);
  return kTcpHeaderBytes + bytes_before_sack(options) + (blocks == 0 ? 0 : 4 + 8 * blocks);
}

std::size_t write_tcp_header(std::uint8_t* room, const TcpHeader& header, const TcpOptions& options) {
  std::uint8_t* at = put16(room, header.source_port);
  at = put16(at, header.destination_port);
  at = put32(at, header.sequence);
  at = put32(at, header.acknowledgment);
  at += 2;  // data offset and flags, once the length is known
  at = put16(at, header.window);
  at = put16(at, 0);
  at = put16(at, header.urgent_pointer);
  if (options.has_mss) at = put32(at, 0x02040000u | options.mss);
  if (options.has_timestamps) {
    at = put_timestamps(at, options);
  } else if (options.sack_permitted) {
    at = put32(at, 0x01010402);
  }
  if (options.has_window_scale) at = put32(at, 0x01030300u | options.window_scale);
  if (options.user_timeout != 0) at = put32(at, 0x1c040000u | options.user_timeout);
  at = put_sack(at, options);
  const auto length = static_cast<std::size_t>(at - room);
  room[12] = static_cast<std::uint8_t>(length / 4 << 4);
  room[13] = header.flags;
  return length;
}

}  // namespace postern::wire
