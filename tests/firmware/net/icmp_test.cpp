// ICMP: errors about our segments go up, errors about others' datagrams go out, both in measure.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using Kind = Arrival::Kind;
using ErrorKind = Arrival::ErrorKind;

TEST_GROUP(IcmpErrors) {
  Host host{settings(1, {"192.0.2.1/24", "2001:db8::1/64"})};
  const Envelope v4{.source = ip("203.0.113.1"), .destination = ip("192.0.2.1")};
  const Envelope v6{.source = ip("2001:db8:5::1"), .destination = ip("2001:db8::1")};

  void setup() override {
    settle(host);
  }

  // The segment we sent: from port 25 to 40000, sequence 0x01020304.
  static Octets quote(std::string_view from, std::string_view to, std::uint8_t protocol = 6) {
    Octets segment{0, 25, 0x9c, 0x40, 1, 2, 3, 4};
    const Envelope sent{.source = ip(from), .destination = ip(to)};
    auto frame = ip(from).is_v4() ? ipv4_frame(sent, protocol, segment) : ipv6_frame(sent, protocol, segment);
    if (ip(from).is_v4()) store_be16(&frame[16], 1500);
    return {frame.begin() + 14, frame.end()};
  }
  Arrival four(std::uint8_t type, std::uint8_t code, std::uint32_t rest = 0,
               const Octets& quoted = quote("192.0.2.1", "198.51.100.2")) {
    return host.receive(ipv4_frame(v4, 1, icmp(type, code, rest, quoted)), at(0s));
  }
  Arrival six(std::uint8_t type, std::uint8_t code, std::uint32_t rest = 0,
              const Octets& quoted = quote("2001:db8::1", "2001:db8:7::7")) {
    return host.receive(icmpv6_frame(v6, icmp(type, code, rest, quoted), 64), at(0s));
  }
};

TEST(IcmpErrors, NameTheFlowTheyAreAbout) {  // RFC 792, RFC 1122 §3.2.2
  const auto error = four(3, 1);
  CHECK(error.kind == Kind::error && error.share);
  CHECK(error.error_flow.local == (wire::Endpoint{ip("192.0.2.1"), 25}));
  CHECK(error.error_flow.remote == (wire::Endpoint{ip("198.51.100.2"), 40000}));
  CHECK_EQUAL(0x01020304, error.error_sequence);
  const auto other = six(1, 0);
  CHECK(other.error_flow.remote == (wire::Endpoint{ip("2001:db8:7::7"), 40000}));
}

TEST(IcmpErrors, AreHardOrSoftAsRfc1122Says) {  // RFC 1122 §4.2.3.9
  CHECK(four(3, 0).error_kind == ErrorKind::unreachable_soft);
  CHECK(four(3, 1).error_kind == ErrorKind::unreachable_soft);
  CHECK(four(3, 2).error_kind == ErrorKind::unreachable_hard);
  CHECK(four(3, 3).error_kind == ErrorKind::unreachable_hard);
  CHECK(four(11, 0).error_kind == ErrorKind::unreachable_soft);
  CHECK(four(12, 0).error_kind == ErrorKind::unreachable_soft);
  CHECK(six(1, 0).error_kind == ErrorKind::unreachable_soft);
  CHECK(six(1, 4).error_kind == ErrorKind::unreachable_hard);
  CHECK(six(3, 0).error_kind == ErrorKind::unreachable_soft);
}

TEST(IcmpErrors, ANarrowPathIsReportedWithItsMtu) {
  CHECK(four(3, 4, 1400).error_kind == ErrorKind::packet_too_big);
  CHECK_EQUAL(1400, host.last.error_mtu);
  six(2, 0, 1280);
  CHECK(host.last.error_kind == ErrorKind::packet_too_big);
  CHECK_EQUAL(1280, host.last.error_mtu);
}

TEST(IcmpErrors, ARouterThatDoesNotSayItsMtuHasAUsualOne) {  // RFC 1191 §7.1
  four(3, 4, 0);
  CHECK_EQUAL(1492, host.last.error_mtu);
}

TEST(IcmpErrors, AnMtuThatCannotBeIsIgnored) {  // RFC 791 §3.2, RFC 8201 §4
  CHECK(four(3, 4, 67).kind == Kind::handled);
  CHECK(four(3, 4, 1500).kind == Kind::handled);
  CHECK(six(2, 0, 1279).kind == Kind::handled);  // RFC 8201 §4
  CHECK(six(2, 0, 9000).kind == Kind::handled);
  CHECK_EQUAL(4, host.counters.dropped_icmp_error);
}

TEST(IcmpErrors, WhatQuotesNothingOfOursIsDropped) {  // RFC 5927 §4
  CHECK(four(3, 3, 0, quote("192.0.2.2", "198.51.100.2")).kind == Kind::handled);
  CHECK(four(3, 3, 0, quote("192.0.2.1", "198.51.100.2", 17)).kind == Kind::handled);
  CHECK(four(3, 3, 0, Octets(20)).kind == Kind::handled);
  CHECK(six(1, 4, 0, quote("2001:db8::2", "2001:db8:7::7")).kind == Kind::handled);
  CHECK_EQUAL(4, host.counters.dropped_icmp_error);
}

TEST(IcmpErrors, AWrongChecksumIsDropped) {
  auto frame = ipv4_frame(v4, 1, icmp(3, 3, 0, quote("192.0.2.1", "198.51.100.2")));
  frame.back() ^= 1;
  CHECK(host.receive(frame, at(0s)).kind == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_icmp_checksum);
}

TEST(IcmpErrors, SourceQuenchAndRedirectDoNothing) {  // RFC 6633 §3, RFC 1122 §3.2.2.2
  four(4, 0);
  four(5, 1);
  CHECK_EQUAL(1, host.counters.dropped_icmp_type);
  CHECK_EQUAL(1, host.counters.dropped_redirect);
}

TEST_GROUP(IcmpAnswers) {
  static Settings limited() {
    auto made = settings(1, {"192.0.2.1/24", "2001:db8::1/64"});
    made.icmp_per_second = 5;
    return made;
  }
  Host host{limited()};
  Envelope v4{.source = ip("203.0.113.1"), .destination = ip("192.0.2.1")};
  Envelope v6{.source = ip("2001:db8:5::1"), .destination = ip("2001:db8::1")};

  void setup() override {
    settle(host);
  }
  std::size_t answers(Instant now = at(0s)) {
    host.sink.sent.clear();
    host.stack.drain(host.sink, now);
    return host.sink.sent.size();
  }
  Octets error_message(std::size_t ip_header) {
    return {host.sink.sent[0].bytes.begin() + 14 + ip_header, host.sink.sent[0].bytes.end()};
  }
};

TEST(IcmpAnswers, UdpIsToldThatNobodyListens) {  // RFC 1122 §3.2.2.1, RFC 4443 §3.1
  const auto frame = ipv4_frame(v4, 17, bytes_of(20));
  host.receive(frame, at(0s));
  CHECK_EQUAL(1, answers());
  CHECK(error_message(20) == icmp(3, 3, 0, Octets(frame.begin() + 14, frame.end())));
  const auto frame6 = ipv6_frame(v6, 17, bytes_of(20));
  host.receive(frame6, at(0s));
  CHECK_EQUAL(1, answers());
  CHECK(error_message(40) == icmp(1, 4, 0, Octets(frame6.begin() + 14, frame6.end()),
                                  wire::pseudo_header_sum(v6.destination, v6.source, 58, 68)));
}

TEST(IcmpAnswers, UnknownProtocolsAreNamed) {  // RFC 1122 §3.2.2.1, RFC 8200 §4
  host.receive(ipv4_frame(v4, 132, bytes_of(20)), at(0s));
  CHECK_EQUAL(1, answers());
  CHECK_EQUAL(3, error_message(20)[0]);
  CHECK_EQUAL(2, error_message(20)[1]);
  host.receive(ipv6_frame(v6, 132, bytes_of(20)), at(0s));
  CHECK_EQUAL(1, answers());
  CHECK_EQUAL(4, error_message(40)[0]);
  CHECK_EQUAL(1, error_message(40)[1]);
  CHECK_EQUAL(6, load_be32(&error_message(40)[4]));
}

TEST(IcmpAnswers, AnOptionThatMustBeKnownIsReported) {  // RFC 8200 §4.2
  Octets payload{6, 0, 0x80, 0, 0, 0, 0, 0};
  payload.resize(40);
  host.receive(ipv6_frame(v6, 60, payload), at(0s));
  CHECK_EQUAL(1, answers());
  CHECK_EQUAL(2, error_message(40)[1]);
  CHECK_EQUAL(42, load_be32(&error_message(40)[4]));
}

TEST(IcmpAnswers, ErrorsQuoteNoMoreThanTheyMay) {  // RFC 1812 §4.3.2.3, RFC 4443 §2.4 (c)
  host.receive(ipv4_frame(v4, 17, bytes_of(1400)), at(0s));
  host.receive(ipv6_frame(v6, 17, bytes_of(1400)), at(0s));
  CHECK_EQUAL(2, answers());
  CHECK_EQUAL(14 + 576, host.sink.sent[0].bytes.size());
  CHECK_EQUAL(14 + 1280, host.sink.sent[1].bytes.size());
}

TEST(IcmpAnswers, NobodyIsToldAboutWhatWentToMany) {  // RFC 1122 §3.2.2, RFC 4443 §2.4 (e)
  v4.to = wire::kBroadcastMac;
  host.receive(ipv4_frame(v4, 17, bytes_of(20)), at(0s));
  v4.destination = ip("192.0.2.255");
  host.receive(ipv4_frame(v4, 17, bytes_of(20)), at(0s));
  v6.to = {{0x33, 0x33, 0, 0, 0, 1}};
  v6.destination = ip("ff02::1");
  host.receive(ipv6_frame(v6, 17, bytes_of(20)), at(0s));
  host.receive(icmpv6_frame(v6, icmp(128, 0, 1, bytes_of(8))), at(0s));
  CHECK_EQUAL(0, answers());
}

TEST(IcmpAnswers, NobodyIsToldAboutFragments) {  // RFC 1122 §3.2.2
  Octets atomic{132, 0, 0, 0, 1, 2, 3, 4};
  atomic.resize(28);
  host.receive(ipv6_frame(v6, 44, atomic), at(0s));
  CHECK_EQUAL(1, host.counters.dropped_protocol);
  CHECK_EQUAL(0, answers());
}

TEST(IcmpAnswers, ErrorsAreLimited) {  // RFC 4443 §2.4 (f)
  for (int i = 0; i < 20; ++i) host.receive(ipv4_frame(v4, 17, bytes_of(20)), at(0s));
  CHECK_EQUAL(5, answers());
  CHECK_EQUAL(15, host.counters.icmp_limited);
  host.receive(ipv4_frame(v4, 17, bytes_of(20)), at(1s));
  CHECK_EQUAL(1, answers(at(1s)));
}

TEST(IcmpAnswers, EchoesAreLimitedOnTheirOwn) {
  const auto ask = [&] { host.receive(ipv4_frame(v4, 1, icmp(8, 0, 1, bytes_of(8))), at(0s)); };
  for (int i = 0; i < 20; ++i) ask();
  CHECK_EQUAL(5, answers());
  host.receive(ipv4_frame(v4, 17, bytes_of(20)), at(0s));
  CHECK_EQUAL_TEXT(1, answers(), "errors have a budget of their own");
}

TEST(IcmpAnswers, AnswersThatFindNoRoomWaitOrAreCounted) {
  host.sink.has_room = false;
  host.receive(ipv4_frame(v4, 17, bytes_of(20)), at(0s));
  CHECK_EQUAL(0, answers());
  host.sink.has_room = true;
  CHECK_EQUAL(1, answers());
}
