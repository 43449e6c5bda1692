// IPv6 headers at the door, and the walk over extension headers.
#include "firmware/wire/ipv6.hpp"

#include <algorithm>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::wire;
using End = Ipv6Walk::End;

namespace {

using Octets = std::vector<std::uint8_t>;

// One extension header of eight bytes with `options`, padded, that names `next`.
Octets header(std::uint8_t next, const Octets& options = {}) {
  Octets bytes((options.size() + 2 + 7) / 8 * 8);
  bytes[0] = next;
  std::copy(options.begin(), options.end(), bytes.begin() + 2);
  bytes[1] = static_cast<std::uint8_t>(bytes.size() / 8 - 1);
  return bytes;
}

Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Octets kPayload{1, 2, 3};

}  // namespace

TEST_GROUP(Ipv6){};

TEST(Ipv6, HeaderComesBackAsWritten) {
  Octets bytes(40 + 5);
  Ipv6Header{.source = *IpAddress::parse("2001:db8::1"),
             .destination = *IpAddress::parse("2001:db8::2"),
             .next_header = 6,
             .ecn = 1,
             .hop_limit = 77,
             .payload_length = 5,
             .flow_label = 0xabcde}
      .write(bytes.data());
  const auto view = Ipv6View::open(bytes);
  CHECK_TRUE(view.has_value());
  CHECK_EQUAL(0xabcde, view->flow_label());
  CHECK_EQUAL(1, view->ecn());
  CHECK_EQUAL(77, view->hop_limit());
  CHECK_EQUAL(6, view->next_header());
  CHECK_EQUAL(5, view->payload().size());
  STRCMP_EQUAL("2001:db8::1", view->source().text().c_str());
  bytes.push_back(0);
  CHECK_EQUAL_TEXT(5, Ipv6View::open(bytes)->payload().size(), "link padding is not payload");
  CHECK_FALSE(Ipv6View::open(Bytes(bytes).first(44)).has_value());
  CHECK_FALSE(Ipv6View::open(Bytes(bytes).first(39)).has_value());
  bytes[0] = 0x45;
  CHECK_FALSE(Ipv6View::open(bytes).has_value());
}

TEST(Ipv6, WalkEndsAtTheTransport) {
  const auto bytes = header(60) + header(43) + header(6) + kPayload;
  const auto walk = walk_extensions(protocol::kHopByHop, bytes, true);
  CHECK(walk.end == End::upper);
  CHECK_EQUAL(6, walk.protocol);
  CHECK_EQUAL(3, walk.rest.size());
  CHECK_EQUAL_TEXT(40 + 16, walk.pointer, "the header that names TCP");
  CHECK_EQUAL_TEXT(6, walk_extensions(6, kPayload, true).pointer, "the IPv6 header names TCP");
}

TEST(Ipv6, HopByHopStandsFirstOrNowhere) {
  CHECK(walk_extensions(60, header(0) + header(6), true).end == End::discard);
  CHECK(walk_extensions(0, header(6), false).end == End::discard);
}

TEST(Ipv6, TheWalkIsBounded) {
  Octets chain;
  for (std::size_t i = 0; i + 1 < kMostExtensions; ++i) chain = header(60) + chain;
  CHECK(walk_extensions(60, chain + header(6), true).end == End::upper);
  CHECK(walk_extensions(60, header(60) + chain + header(6), true).end == End::discard);
}

TEST(Ipv6, CutHeadersAreNoticed) {
  const auto bytes = header(6, {1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(walk_extensions(60, Bytes(bytes).first(size), true).end == End::cut);
  }
  CHECK(walk_extensions(60, bytes, true).end == End::upper);
}

TEST(Ipv6, UnknownOptionsSayWhatIsToBeDone) {  // RFC 8200 §4.2
  CHECK(walk_extensions(60, header(6, {0x1e, 1, 0}), true).end == End::upper);
  CHECK(walk_extensions(60, header(6, {0x5e, 1, 0}), true).end == End::discard);
  for (const auto type : {std::uint8_t{0x9e}, std::uint8_t{0xde}}) {
    const auto walk = walk_extensions(60, header(6, {0, type, 1, 0}), true);
    CHECK(walk.end == End::problem);
    CHECK_EQUAL(2, walk.code);
    CHECK_EQUAL(40 + 3, walk.pointer);
  }
  CHECK_TEXT(walk_extensions(60, header(6, {0x1e, 5, 0}), true).end == End::discard,
             "option past its header");
}

TEST(Ipv6, ARouteThatGoesOnIsRefused) {
  CHECK(walk_extensions(43, header(6, {0, 0}), true).end == End::upper);
  const auto walk = walk_extensions(43, header(6, {0, 1}), true);  // type 0, RFC 5095
  CHECK(walk.end == End::problem);
  CHECK_EQUAL(0, walk.code);
  CHECK_EQUAL(42, walk.pointer);
}

TEST(Ipv6, TheWalkStopsAtAFragmentHeader) {
  const Octets fragment{6, 0, 0x05, 0xa9, 1, 2, 3, 4, 0xaa};
  const auto bytes = header(44) + fragment;
  const auto walk = walk_extensions(60, bytes, true);
  CHECK(walk.end == End::fragment);
  const auto view = FragmentView::open(walk.rest);
  CHECK_EQUAL(6, view->next_header());
  CHECK_EQUAL(0x5a8, view->offset());
  CHECK_TRUE(view->more_fragments());
  CHECK_EQUAL(0x01020304, view->identification());
  CHECK_EQUAL(1, view->payload().size());
  CHECK_FALSE(FragmentView::open(Bytes(fragment).first(7)).has_value());
}

TEST(Ipv6, NothingFollowsNoNextHeader) {
  CHECK(walk_extensions(59, kPayload, true).end == End::nothing);
}
