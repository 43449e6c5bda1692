// IPv4 headers at the door, and options.
#include "firmware/wire/ipv4.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::wire;

namespace {

std::vector<std::uint8_t> datagram(std::uint16_t payload = 4) {
  std::vector<std::uint8_t> bytes(kIpv4Header + payload, 0xee);
  Ipv4Header{.source = *IpAddress::parse("192.0.2.1"),
             .destination = *IpAddress::parse("198.51.100.2"),
             .protocol = protocol::kTcp,
             .ecn = 2,
             .time_to_live = 63,
             .payload_length = payload}
      .write(bytes.data());
  return bytes;
}

Ipv4Options judged(std::vector<std::uint8_t> options) {
  return judge_options(options);
}

}  // namespace

TEST_GROUP(Ipv4){};

TEST(Ipv4, HeaderComesBackAsWritten) {
  const auto bytes = datagram();
  const auto view = Ipv4View::open(bytes);
  CHECK_TRUE(view && view->checksum_good() && view->dont_fragment());
  CHECK_FALSE(view->is_fragment() || view->has_options());
  CHECK_EQUAL(63, view->time_to_live());
  CHECK_EQUAL(2, view->ecn());
  CHECK_EQUAL(4, view->payload().size());
  STRCMP_EQUAL("192.0.2.1", view->source().text().c_str());
  STRCMP_EQUAL("198.51.100.2", view->destination().text().c_str());
}

TEST(Ipv4, LinkPaddingIsNotPayload) {
  auto bytes = datagram();
  bytes.resize(46);
  CHECK_EQUAL(4, Ipv4View::open(bytes)->payload().size());
}

TEST(Ipv4, ImpossibleHeadersAreRefused) {
  const auto good = datagram();
  const auto with = [&](std::size_t at, std::uint8_t value) {
    auto bytes = good;
    bytes[at] = value;
    return Ipv4View::open(bytes).has_value();
  };
  CHECK_TRUE(with(1, 0));
  CHECK_FALSE_TEXT(with(0, 0x44), "header of 16 bytes");
  CHECK_FALSE_TEXT(with(0, 0x65), "version 6");
  CHECK_FALSE_TEXT(with(0, 0x4f), "header longer than the datagram");
  CHECK_FALSE_TEXT(with(3, 19), "total length within the header");
  CHECK_FALSE_TEXT(with(3, 25), "total length past the end");
  CHECK_FALSE(Ipv4View::open(Bytes(good).first(19)).has_value());
}

TEST(Ipv4, AnyFlippedBitInTheHeaderIsNoticed) {
  for (std::size_t bit = 0; bit < kIpv4Header * 8; ++bit) {
    auto bytes = datagram();
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto view = Ipv4View::open(bytes);
    CHECK_FALSE(view && view->checksum_good());
  }
}

TEST(Ipv4, FragmentsAreRecognised) {
  auto bytes = datagram();
  store_be16(&bytes[6], 0x2000);
  CHECK_TRUE(Ipv4View::open(bytes)->is_fragment() && Ipv4View::open(bytes)->more_fragments());
  store_be16(&bytes[6], 0x0003);
  CHECK_TRUE(Ipv4View::open(bytes)->is_fragment());
  CHECK_EQUAL(24, Ipv4View::open(bytes)->fragment_offset());
}

TEST(Ipv4, OptionsAreWalked) {
  CHECK(judged({}) == Ipv4Options::harmless);
  CHECK(judged({1, 1, 1, 0}) == Ipv4Options::harmless);
  CHECK(judged({148, 4, 0, 0}) == Ipv4Options::harmless);    // router alert
  CHECK(judged({0, 131, 99, 99}) == Ipv4Options::harmless);  // behind the end
  CHECK(judged({1, 131, 3, 4}) == Ipv4Options::source_route);
  CHECK(judged({137, 3, 4, 0}) == Ipv4Options::source_route);
  CHECK(judged({7, 1, 0, 0}) == Ipv4Options::malformed);
  CHECK(judged({7, 5, 0, 0}) == Ipv4Options::malformed);
  CHECK(judged({1, 1, 1, 7}) == Ipv4Options::malformed);
}
