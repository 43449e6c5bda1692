// Fragments: put together where honest, dropped where not.
#include <algorithm>

#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using Kind = Arrival::Kind;

namespace {

struct Cut {
  std::uint32_t offset;
  std::uint32_t size;
  bool more;
};

}  // namespace

TEST_GROUP(Fragments) {
  static Settings few() {
    auto made = settings(1, {"192.0.2.1/24", "2001:db8::1/64"});
    made.reassemblies = 8;
    made.reassembly_memory = 8 * 4096;
    return made;
  }
  Host host{few()};
  Envelope v4{.source = ip("203.0.113.9"), .destination = ip("192.0.2.1")};
  Envelope v6{.source = ip("2001:db8:9::9"), .destination = ip("2001:db8::1")};
  Octets whole = bytes_of(1000);

  void setup() override {
    settle(host);
  }

  Kind four(const Cut& cut, std::uint16_t id = 7, Instant now = at(0s)) {
    auto frame = ipv4_frame(v4, 6, Octets(whole.begin() + cut.offset, whole.begin() + cut.offset + cut.size));
    store_be16(&frame[18], id);
    store_be16(&frame[20], static_cast<std::uint16_t>(cut.offset / 8 | (cut.more ? 0x2000 : 0)));
    return host.receive(with_header_checksum(frame), now).kind;
  }
  Kind six(const Cut& cut, std::uint32_t id = 7, std::uint8_t next = 6) {
    Octets payload(8);
    payload[0] = next;
    store_be16(&payload[2], static_cast<std::uint16_t>(cut.offset | (cut.more ? 1 : 0)));
    store_be32(&payload[4], id);
    payload.insert(payload.end(), whole.begin() + cut.offset, whole.begin() + cut.offset + cut.size);
    return host.receive(ipv6_frame(v6, 44, payload), at(0s)).kind;
  }
  bool arrived() {
    return host.segments.size() == 1 && host.segments[0] == whole;
  }
};

TEST(Fragments, InAnyOrderTheyBecomeOneSegment) {  // RFC 791 §3.2, RFC 8200 §4.5
  std::vector<Cut> cuts{{0, 304, true}, {304, 304, true}, {608, 392, false}};
  std::uint16_t id = 1;
  do {
    host.segments.clear();
    CHECK(four(cuts[0], id) == Kind::handled);
    CHECK(four(cuts[1], id) == Kind::handled);
    CHECK(four(cuts[2], id) == Kind::segment);
    CHECK_TRUE(arrived());
    host.segments.clear();
    for (const auto& cut : cuts) six(cut, id);
    CHECK_TRUE(arrived());
    ++id;
  } while (
      std::next_permutation(cuts.begin(), cuts.end(), [](auto& a, auto& b) { return a.offset < b.offset; }));
  CHECK_EQUAL(12, host.counters.reassembled);
  CHECK_FALSE_TEXT(host.last.checksum_good, "nobody looked at the whole yet");
}

TEST(Fragments, OverlapsEndTheDatagram) {  // RFC 5722 §4
  six({0, 504, true});
  six({496, 304, true});
  CHECK_EQUAL(1, host.counters.dropped_fragment_overlap);
  six({504, 496, false});
  CHECK_TRUE_TEXT(host.segments.empty(), "what else belongs to it is swallowed");
  four({0, 504, true});
  four({496, 504, false});
  CHECK_EQUAL(2, host.counters.dropped_fragment_overlap);
}

TEST(Fragments, ARepetitionByteForByteIsIgnored) {
  six({0, 504, true});
  six({0, 504, true});
  CHECK_EQUAL(1, host.counters.dropped_fragment_duplicate);
  six({504, 496, false});
  CHECK_TRUE(arrived());
}

TEST(Fragments, ARepetitionWithOtherBytesIsAnOverlap) {
  six({0, 504, true});
  whole[10] ^= 1;
  six({0, 504, true});
  six({504, 496, false});
  CHECK_TRUE(host.segments.empty());
  CHECK_EQUAL(1, host.counters.dropped_fragment_overlap);
}

TEST(Fragments, TwoEndsAreOneTooMany) {  // RFC 8200 §4.5
  four({496, 504, false});
  four({304, 160, false});
  four({0, 304, true});
  CHECK_TRUE(host.segments.empty());
  CHECK_EQUAL(1, host.counters.dropped_fragment_overlap);
}

TEST(Fragments, NothingComesBehindTheEnd) {
  four({304, 200, false});
  four({504, 304, true});
  four({0, 304, true});
  CHECK_TRUE(host.segments.empty());
  CHECK_EQUAL(1, host.counters.dropped_fragment_overlap);
}

TEST(Fragments, TinyOnesAreRefused) {  // RFC 1858 §3, RFC 7112 §5
  four({0, 24, true});
  four({8, 992, false});
  six({0, 24, true});
  CHECK_EQUAL(3, host.counters.dropped_fragment_tiny);
}

TEST(Fragments, UnevenOnesAreRefused) {  // RFC 8200 §4.5
  four({0, 501, true});
  CHECK_EQUAL(1, host.counters.dropped_fragment);
}

TEST(Fragments, AnAtomicFragmentIsAWholeDatagram) {  // RFC 6946 §4
  six({0, 504, true}, 9);
  CHECK(six({0, 1000, false}, 9) == Kind::segment);
  CHECK_TRUE(arrived());
}

TEST(Fragments, AHeaderChainThatGoesOnInTheNextFragmentIsRefused) {  // RFC 7112 §5
  std::fill(whole.begin(), whole.end(), std::uint8_t{0});
  whole[0] = 6;
  whole[1] = 70;  // destination options of 568 bytes
  six({0, 504, true}, 7, 60);
  CHECK_EQUAL(1, host.counters.dropped_fragment_tiny);
}

TEST(Fragments, ExtensionHeadersBehindTheFragmentHeaderAreWalked) {
  std::fill(whole.begin(), whole.begin() + 8, std::uint8_t{0});
  whole[0] = 6;
  six({0, 504, true}, 7, 60);
  CHECK(six({504, 496, false}, 7, 60) == Kind::segment);
  CHECK_EQUAL(992, host.segments.at(0).size());
}

TEST(Fragments, AFragmentInAFragmentIsDropped) {
  Octets payload(16);
  payload[0] = 44;
  payload[8] = 6;
  payload.insert(payload.end(), whole.begin(), whole.end());
  CHECK(host.receive(ipv6_frame(v6, 44, payload), at(0s)).kind == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_ipv6);
}

TEST(Fragments, ThoseOfDifferentDatagramsAreNotMixed) {
  four({0, 504, true}, 1);
  four({504, 496, false}, 2);
  v4.source = ip("203.0.113.10");
  four({504, 496, false}, 1);
  CHECK_TRUE(host.segments.empty());
}

TEST(Fragments, TheyDoNotWaitForever) {  // RFC 1122 §3.3.2, RFC 8200 §4.5
  four({0, 504, true});
  CHECK(host.stack.next_deadline() == at(30s));
  host.poll(at(30s));
  CHECK_EQUAL(1, host.counters.reassembly_timeouts);
  four({504, 496, false}, 7, at(30s));
  CHECK_TRUE(host.segments.empty());
}

TEST(Fragments, OneNetworkCannotHoldEverything) {
  for (std::uint16_t id = 1; id < 20; ++id) four({0, 504, true}, id);
  CHECK(host.counters.dropped_fragment_source > 0);
  six({0, 504, true});
  six({504, 496, false});
  CHECK_TRUE(arrived());
  CHECK_EQUAL(0, host.counters.reassembly_evicted);
}

TEST(Fragments, ManyNetworksPushOutTheOldestOnly) {
  for (std::uint8_t network = 1; network <= 8; ++network) {
    v4.source = ip("198.51." + std::to_string(network) + ".1");
    four({0, 504, true}, 7, at(network * 1s));
  }
  v4.source = ip("198.52.1.1");
  four({0, 504, true}, 7, at(9s));
  CHECK_EQUAL(1, host.counters.reassembly_evicted);
  v4.source = ip("198.51.2.1");
  CHECK(four({504, 496, false}, 7, at(9s)) == Kind::segment);
  v4.source = ip("198.51.1.1");
  CHECK(four({504, 496, false}, 7, at(9s)) == Kind::handled);
}

TEST(Fragments, WhatIsLargerThanASlotIsRefused) {
  whole.resize(8000);
  four({0, 1480, true});
  four({4000, 1480, true});
  CHECK_EQUAL(1, host.counters.dropped_fragment_size);
}

TEST(Fragments, WhoSentTheFirstIsToldThatTheRestNeverCame) {  // RFC 1122 §3.3.2, RFC 8200 §4.5, RFC 4443 §3.3
  four({0, 304, true});
  six({0, 304, true});
  host.poll(at(31s));
  CHECK_EQUAL(2, host.counters.time_exceeded_out);
  CHECK_EQUAL(2, host.sink.sent.size());
  const auto first = host.sink.take();
  const auto v4_view = wire::Ipv4View::open(Bytes(first.bytes).subspan(14));
  CHECK(v4_view->destination() == v4.source && v4_view->source() == v4.destination);
  CHECK_EQUAL(wire::icmpv4::kTimeExceeded, v4_view->payload()[0]);
  CHECK_EQUAL(1, v4_view->payload()[1]);
  CHECK_EQUAL(0, wire::checksum_finish(wire::checksum_add(0, v4_view->payload())));
  const Bytes quoted = v4_view->payload().subspan(8);
  CHECK_EQUAL_TEXT(20 + 304, quoted.size(), "RFC 792: the header and what came");
  MEMCMP_EQUAL(whole.data(), quoted.data() + 20, 304);
  const auto second = host.sink.take();
  const auto v6_view = wire::Ipv6View::open(Bytes(second.bytes).subspan(14));
  CHECK(v6_view->destination() == v6.source && v6_view->source() == v6.destination);
  CHECK_EQUAL(wire::icmpv6::kTimeExceeded, v6_view->payload()[0]);
  CHECK_EQUAL(1, v6_view->payload()[1]);
  CHECK_EQUAL(40 + 8 + 304, v6_view->payload().size() - 8);
}

TEST(Fragments, NobodyIsToldWithoutTheFirst) {  // RFC 8200 §4.5
  four({304, 304, true});
  host.poll(at(31s));
  CHECK_EQUAL(1, host.counters.reassembly_timeouts);
  CHECK_TRUE(host.sink.sent.empty());
}

TEST(Fragments, NobodyIsToldAboutAnErrorInPieces) {  // RFC 4443 §2.4 (e)
  whole[0] = wire::icmpv6::kUnreachable;
  six({0, 304, true}, 7, 58);
  host.poll(at(31s));
  CHECK_EQUAL(1, host.counters.reassembly_timeouts);
  CHECK_TRUE(host.sink.sent.empty());
}

TEST(Fragments, TellingIsLimited) {  // RFC 4443 §2.4 (f)
  auto made = few();
  made.icmp_per_second = 1;
  Host limited{made};
  settle(limited);
  for (std::uint16_t id = 1; id <= 2; ++id) {
    auto frame = ipv4_frame(v4, 6, Octets(whole.begin(), whole.begin() + 304));
    store_be16(&frame[18], id);
    store_be16(&frame[20], 0x2000);
    limited.receive(with_header_checksum(frame), at(0s));
  }
  limited.poll(at(31s));
  CHECK_EQUAL(1, limited.counters.time_exceeded_out);
  CHECK_EQUAL(1, limited.counters.icmp_limited);
}
