// The walk over IPv6 extension headers; see ipv6.hpp.
#include "firmware/wire/ipv6.hpp"

namespace postern::wire {
namespace {

using End = Ipv6Walk::End;

constexpr std::uint8_t kErroneousField = 0;
constexpr std::uint8_t kUnknownOption = 2;

// The options of a hop-by-hop or destination options header, each judged by its two highest bits
// (RFC 8200 §4.2). `walk.pointer` is the header's place and becomes the offending option's.
End judge_options(Bytes header, Ipv6Walk& walk) {
  constexpr std::uint8_t kPad1 = 0;
  constexpr std::uint8_t kPadN = 1;
  for (std::size_t at = 2; at < header.size();) {
    const std::uint8_t type = header[at];
    if (type == kPad1) {
      ++at;
      continue;
    }
    if (at + 2 > header.size() || at + 2 + header[at + 1] > header.size()) return End::discard;
    if (type != kPadN && (type & 0xc0) != 0) {
      walk.code = kUnknownOption;
      walk.pointer += static_cast<std::uint32_t>(at);
      // 01 asks to be silent; 11 asks to be silent towards multicast, which the caller never answers at all.
      return (type & 0xc0) == 0x40 ? End::discard : End::problem;
    }
    at += 2 + std::size_t{header[at + 1]};
  }
  return End::upper;
}

// RFC 8200 §4.4: a route that has ended is ignored, one that has not is refused; so is type 0 (RFC 5095 §3).
End judge_routing(Bytes header, Ipv6Walk& walk) {
  constexpr std::size_t kType = 2;
  constexpr std::size_t kSegmentsLeft = 3;
  if (header[kSegmentsLeft] == 0) return End::upper;
  walk.code = kErroneousField;
  walk.pointer += kType;
  return End::problem;
}

bool is_extension(std::uint8_t kind) {
  return kind == protocol::kHopByHop || kind == protocol::kRouting || kind == protocol::kDestinationOptions;
}

End judge(std::uint8_t kind, Bytes header, Ipv6Walk& walk) {
  return kind == protocol::kRouting ? judge_routing(header, walk) : judge_options(header, walk);
}

// One extension header, which `walk.rest` begins with; End::upper where the walk goes on behind it.
End step_over(Ipv6Walk& walk, std::size_t at) {
  if (walk.rest.size() < 8) return End::cut;
  const std::size_t size = 8 + walk.rest[1] * std::size_t{8};
  if (size > walk.rest.size()) return End::cut;
  walk.pointer = static_cast<std::uint32_t>(at);
  const End end = judge(walk.protocol, walk.rest.first(size), walk);
  if (end != End::upper) return end;
  walk.protocol = walk.rest[0];
  walk.rest = walk.rest.subspan(size);
  return End::upper;
}

End end_of(std::uint8_t kind) {
  if (kind == protocol::kFragment) return End::fragment;
  return kind == protocol::kNoNextHeader ? End::nothing : End::upper;
}

}  // namespace

Ipv6Walk walk_extensions(std::uint8_t first, Bytes payload, bool hop_by_hop) {
  constexpr std::uint32_t kNextHeaderField = 6;
  Ipv6Walk walk{.protocol = first, .pointer = kNextHeaderField, .rest = payload};
  for (std::size_t seen = 0; is_extension(walk.protocol); ++seen) {
    const bool misplaced = walk.protocol == protocol::kHopByHop && (seen > 0 || !hop_by_hop);
    if (misplaced || seen == kMostExtensions) return walk;
    const End end = step_over(walk, kIpv6Header + payload.size() - walk.rest.size());
    if (end != End::upper) {
      walk.end = end;
      return walk;
    }
  }
  walk.end = end_of(walk.protocol);
  return walk;
}

}  // namespace postern::wire
