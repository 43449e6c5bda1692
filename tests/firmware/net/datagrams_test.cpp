// Datagrams at the door of the host: what is passed on, what is dropped, and under which name.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using Kind = Arrival::Kind;

namespace {

Settings two_ports() {
  auto made = settings(1, {"192.0.2.1/24", "2001:db8::1/64"});
  made.interfaces.push_back(made.interfaces[0]);
  made.interfaces[1].mac = mac(2);
  made.interfaces[1].addresses = {prefix("198.51.100.1/24")};
  return made;
}

}  // namespace

TEST_GROUP(Datagrams) {
  Host host{two_ports()};
  const Envelope v4{.source = ip("203.0.113.9"), .destination = ip("192.0.2.1")};
  const Envelope v6{.source = ip("2001:db8:9::9"), .destination = ip("2001:db8::1")};
  const Octets payload = bytes_of(40);

  void setup() override {
    settle(host);
  }
  Kind receive(const Octets& frame) {
    return host.receive(frame, at(0s)).kind;
  }
  Kind receive_from(std::string_view source) {
    auto envelope = ip(source).is_v4() ? v4 : v6;
    envelope.source = ip(source);
    return receive(ip(source).is_v4() ? ipv4_frame(envelope, 6, payload) : ipv6_frame(envelope, 6, payload));
  }
  Octets changed(std::size_t at_byte, std::uint8_t value) const {
    auto frame = ipv4_frame(v4, 6, payload);
    frame[at_byte] = value;
    return frame;
  }
};

TEST(Datagrams, SegmentsForUsArePassedOn) {  // RFC 791 §3.2, RFC 8200 §3
  CHECK(receive(ipv4_frame(v4, 6, payload)) == Kind::segment);
  CHECK(host.segments.back() == payload);
  CHECK(host.last.source == v4.source && host.last.destination == v4.destination);
  CHECK_FALSE(host.last.checksum_good);
  CHECK(receive(ipv6_frame(v6, 6, payload)) == Kind::segment);
  CHECK(host.last.source == v6.source);
  CHECK_EQUAL(2, host.counters.segments_in);
}

TEST(Datagrams, WhatTheDeviceVerifiedIsBelieved) {
  host.receive(ipv4_frame(v4, 6, payload), at(0s), 0, ChecksumState::good);
  CHECK_TRUE(host.last.checksum_good);
  CHECK(host.receive(ipv4_frame(v4, 6, payload), at(0s), 0, ChecksumState::bad).kind == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_device_checksum);
}

TEST(Datagrams, TheCongestionBitsArePassedOn) {
  auto frame = ipv4_frame(v4, 6, payload);
  frame[15] = 3;
  receive(with_header_checksum(frame));
  CHECK_EQUAL(3, host.last.ecn);
}

TEST(Datagrams, AWrongHeaderChecksumIsDropped) {  // RFC 1122 §3.2.1.2
  CHECK(receive(changed(22, 9)) == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_ipv4_checksum);
}

TEST(Datagrams, ImpossibleSourcesAreDropped) {  // RFC 1122 §3.2.1.3, RFC 6890 §2.2.2, RFC 4291 §2.5.3, §2.7
  for (const auto* source : {"127.0.0.1", "0.0.0.0", "224.0.0.5", "255.255.255.255", "240.0.0.1",
                             "192.0.2.255", "::1", "ff02::9", "::"}) {
    CHECK_TRUE_TEXT(receive_from(source) == Kind::handled, source);
  }
  CHECK_EQUAL(9, host.counters.dropped_martian);
  receive_from("192.0.2.1");
  receive_from("2001:db8::1");
  receive_from("198.51.100.1");
  CHECK_EQUAL(3, host.counters.dropped_own_source);
}

TEST(Datagrams, AMappedAddressInIpv6DoesNotPassForIpv4) {  // RFC 4942 §2.2
  auto frame = ipv6_frame(v6, 6, payload);
  const auto mapped = ip("203.0.113.9");
  std::memcpy(&frame[22], mapped.bytes.data(), 16);
  CHECK(receive(frame) == Kind::handled);
  const auto ours = ip("192.0.2.1");
  frame = ipv6_frame(v6, 6, payload);
  std::memcpy(&frame[38], ours.bytes.data(), 16);
  CHECK(receive(frame) == Kind::handled);
  CHECK_EQUAL(2, host.counters.dropped_martian);
}

TEST(Datagrams, ForeignFramesAndDatagramsAreDropped) {
  auto envelope = v4;
  envelope.to = mac(5);
  CHECK(receive(ipv4_frame(envelope, 6, payload)) == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_foreign_mac);
  envelope = v4;
  envelope.destination = ip("192.0.2.2");
  CHECK(receive(ipv4_frame(envelope, 6, payload)) == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_not_ours);
}

TEST(Datagrams, AnAddressBelongsToItsPort) {  // RFC 1122 §3.3.4.2
  auto envelope = v4;
  envelope.destination = ip("198.51.100.1");
  CHECK(receive(ipv4_frame(envelope, 6, payload)) == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_wrong_port);
}

TEST(Datagrams, SegmentsToMoreThanOneAreDropped) {  // RFC 9293 §3.9.2.3, RFC 1122 §3.3.6
  auto envelope = v4;
  envelope.to = wire::kBroadcastMac;
  CHECK(receive(ipv4_frame(envelope, 6, payload)) == Kind::handled);
  CHECK_EQUAL_TEXT(1, host.counters.dropped_link_multicast, "our address in a broadcast frame");
  envelope.destination = ip("192.0.2.255");
  CHECK(receive(ipv4_frame(envelope, 6, payload)) == Kind::handled);
  auto group = v6;
  group.to = {{0x33, 0x33, 0, 0, 0, 1}};
  group.destination = ip("ff02::1");
  CHECK(receive(ipv6_frame(group, 6, payload)) == Kind::handled);
}

TEST(Datagrams, OptionsAreIgnoredButSourceRoutesAreNot) {  // RFC 1122 §3.2.1.8
  const auto with_options = [&](Octets options) {
    auto frame = ipv4_frame(v4, 6, payload);
    frame.insert(frame.begin() + 34, options.begin(), options.end());
    frame[14] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
    store_be16(&frame[16], static_cast<std::uint16_t>(20 + options.size() + payload.size()));
    return receive(with_header_checksum(frame));
  };
  CHECK(with_options({148, 4, 0, 0}) == Kind::segment);
  CHECK(host.segments.back() == payload);
  CHECK(with_options({131, 7, 4, 192, 0, 2, 9, 0}) == Kind::handled);
  CHECK(with_options({7, 99, 0, 0}) == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_source_route);
  CHECK_EQUAL(1, host.counters.dropped_ipv4);
}

TEST(Datagrams, PriorityTagsAreAcceptedOtherVlansAreNot) {
  auto frame = ipv4_frame(v4, 6, payload);
  const Octets tag{0x81, 0x00, 0x60, 0x00};
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  CHECK(receive(frame) == Kind::segment);
  frame[15] = 7;
  CHECK(receive(frame) == Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_vlan);
}

TEST(Datagrams, GarbageIsCounted) {
  receive(Octets(13));
  CHECK_EQUAL(1, host.counters.dropped_ethernet);
  receive(changed(12, 0x99));
  CHECK_EQUAL(1, host.counters.dropped_ethertype);
  receive(changed(14, 0x35));
  CHECK_EQUAL(1, host.counters.dropped_ipv4);
  auto frame = ipv6_frame(v6, 6, payload);
  frame[18] = 0xff;
  receive(frame);
  CHECK_EQUAL(1, host.counters.dropped_ipv6);
  host.receive(frame, at(0s), 9);
  CHECK_EQUAL(1, host.counters.dropped_port);
}

TEST_GROUP(ExceptionPath) {
  static Settings with_kernel() {
    auto made = two_ports();
    made.exception_path = true;
    return made;
  }
  Host host{with_kernel()};
  const Envelope v4{.source = ip("203.0.113.9"), .destination = ip("192.0.2.1")};

  void setup() override {
    settle(host);
  }
  Kind receive(const Octets& frame) {
    return host.receive(frame, at(0s)).kind;
  }
};

TEST(ExceptionPath, WhatIsNotOursGoesToTheKernel) {
  CHECK(receive(ipv4_frame(v4, 17, bytes_of(20))) == Kind::exception);
  auto dhcp = v4;
  dhcp.to = wire::kBroadcastMac;
  dhcp.source = ip("0.0.0.0");
  dhcp.destination = ip("255.255.255.255");
  CHECK(receive(ipv4_frame(dhcp, 17, bytes_of(20))) == Kind::exception);
  auto other = v4;
  other.destination = ip("192.0.2.77");
  CHECK(receive(ipv4_frame(other, 6, bytes_of(20))) == Kind::exception);
  const wire::Arp asks{.sender_mac = mac(9), .sender = ip("192.0.2.9"), .target = ip("192.0.2.77")};
  CHECK(receive(arp_frame(wire::kBroadcastMac, asks)) == Kind::exception);
  CHECK_EQUAL(4, host.counters.frames_exception);
  CHECK_TRUE(host.answer(at(0s)).bytes.empty());
}

TEST(ExceptionPath, WhatBothNeedIsCopied) {
  const wire::Arp answer{.operation = wire::Arp::Operation::reply,
                         .sender_mac = mac(9),
                         .sender = ip("192.0.2.9"),
                         .target_mac = mac(1),
                         .target = ip("192.0.2.1")};
  host.receive(arp_frame(mac(1), answer), at(0s));
  CHECK(host.last.kind == Kind::handled && host.last.copy_to_kernel);
}

TEST(ExceptionPath, BrokenFramesDoNotGoToTheKernel) {
  auto frame = ipv4_frame(v4, 17, bytes_of(20));
  frame[22] ^= 1;
  CHECK(receive(frame) == Kind::handled);
}

TEST(ExceptionPath, EchoRequestsAreAnsweredHere) {
  CHECK(receive(ipv4_frame(v4, 1, icmp(8, 0, 1, bytes_of(8)))) == Kind::handled);
  CHECK_FALSE(host.answer(at(0s)).bytes.empty());
  CHECK(receive(ipv4_frame(v4, 1, icmp(0, 0, 1, bytes_of(8)))) == Kind::exception);
}

TEST(Datagrams, ALinkOfTwoHasNoBroadcastAddress) {  // RFC 3021
  Host pair{settings(1, {"192.0.2.1/31"})};
  settle(pair);
  const Envelope from_the_other{.source = ip("192.0.2.0"), .destination = ip("192.0.2.1")};
  CHECK(pair.receive(ipv4_frame(from_the_other, 6, bytes_of(20)), at(0s)).kind == Arrival::Kind::segment);
  CHECK_TRUE(pair.send(ip("192.0.2.0"), bytes_of(20), at(0s)));
}
