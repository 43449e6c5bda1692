// The TCP header: a view of the bytes and the meaning of its options.
//
// TcpView::parse checks once that the header and its options lie within the segment; after that no access
// can run out of it. Options are read leniently where RFC 9293 asks for it: an option whose length is wrong
// ends the list, and what came before it counts.
//
// RFC 9293 §3.1 and §3.2, RFC 7323 (window scale, timestamps), RFC 2018 (SACK).
#pragma once

#include <array>
#include <cstdint>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpPsh = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;
inline constexpr std::uint8_t kTcpUrg = 0x20;
inline constexpr std::uint8_t kTcpEce = 0x40;
inline constexpr std::uint8_t kTcpCwr = 0x80;

inline constexpr std::size_t kTcpHeaderBytes = 20;
inline constexpr std::size_t kTcpHeaderMost = 60;
inline constexpr std::size_t kTcpChecksumOffset = 16;
inline constexpr std::uint8_t kIpProtocolTcp = 6;

class TcpView {
 public:
  static Result<TcpView> parse(Bytes segment);

  std::uint16_t source_port() const { return load_be16(at(0)); }
  std::uint16_t destination_port() const { return load_be16(at(2)); }
  std::uint32_t sequence() const { return load_be32(at(4)); }
  std::uint32_t acknowledgment() const { return load_be32(at(8)); }
  std::size_t header_bytes() const { return static_cast<std::size_t>(*at(12) >> 4) * 4; }
  std::uint8_t flags() const { return *at(13); }
  std::uint16_t window() const { return load_be16(at(14)); }
  std::uint16_t checksum() const { return load_be16(at(16)); }
  std::uint16_t urgent_pointer() const { return load_be16(at(18)); }
  Bytes options() const { return segment_.subspan(kTcpHeaderBytes, header_bytes() - kTcpHeaderBytes); }
  Bytes payload() const { return segment_.subspan(header_bytes()); }

 private:
  explicit TcpView(Bytes segment) : segment_(segment) {}
  const std::uint8_t* at(std::size_t offset) const { return segment_.data() + offset; }
  Bytes segment_;
};

struct TcpSackBlock {
  std::uint32_t start = 0;
  std::uint32_t end = 0;  // one past the last
  bool operator==(const TcpSackBlock&) const = default;
};

struct TcpOptions {
  bool has_mss = false;
  bool has_window_scale = false;
  bool sack_permitted = false;
  bool has_timestamps = false;
  std::uint8_t window_scale = 0;
  std::uint8_t sack_count = 0;
  std::uint16_t mss = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t timestamp_echo = 0;
  std::array<TcpSackBlock, 4> sack{};
  std::uint16_t user_timeout =
      0;  // RFC 5482 §3.1 as on the wire: 1 bit for minutes, 15 of time; 0: not there
};

TcpOptions parse_tcp_options(Bytes options);

struct TcpHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t urgent_pointer = 0;
};

// Bytes write_tcp_header() will write for these options, with padding.
std::size_t tcp_header_bytes(const TcpOptions& options);
// Writes header and options with a checksum of zero; `room` holds at least kTcpHeaderMost. Returns the
// length. SACK blocks that do not fit into 40 bytes of options are left out, the last first.
std::size_t write_tcp_header(std::uint8_t* room, const TcpHeader& header, const TcpOptions& options);

}  // namespace postern::wire
