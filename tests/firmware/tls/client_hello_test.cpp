// Reading a ClientHello, and collecting one from records however they are cut.
#include <string>
#include <vector>

#include "firmware/tls/client_hello.hpp"
#include "tests/firmware/tls/conversation.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

using Octets = std::vector<std::uint8_t>;

Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Octets u16(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}
Octets vector16(const Octets& body) {
  return u16(body.size()) + body;
}
Octets vector8(const Octets& body) {
  return Octets{static_cast<std::uint8_t>(body.size())} + body;
}
Octets extension(std::uint16_t type, const Octets& body) {
  return u16(type) + vector16(body);
}
Octets text(const std::string& from) {
  return {from.begin(), from.end()};
}
Octets name(const std::string& host) {
  return extension(0, vector16(Octets{0} + vector16(text(host))));
}

Octets message(const Octets& extensions, const Octets& suites = {0x13, 0x01}) {
  const auto body =
      Octets{3, 3} + Octets(32, 7) + vector8({}) + vector16(suites) + vector8({0}) + vector16(extensions);
  return Octets{1, 0} + u16(body.size()) + body;
}
Octets record(const Octets& body) {
  return Octets{22, 3, 1} + vector16(body);
}

HelloGather::Step feed(HelloGather& gather, const Octets& bytes) {
  Bytes view(bytes);
  return gather.feed(view);
}

}  // namespace

TEST_GROUP(ClientHello){};

TEST(ClientHello, tells_the_name_in_lower_case_without_its_final_dot) {
  STRCMP_EQUAL("mail.example.test",
               std::string(parse_client_hello(message(name("Mail.Example.TEST.")))->server_name()).c_str());
}

TEST(ClientHello, a_name_that_is_no_host_name_counts_as_none) {
  CHECK_TRUE(parse_client_hello(message(name("a b")))->server_name().empty());
  CHECK_TRUE(parse_client_hello(message(name(std::string("a\0b", 3))))->server_name().empty());
  CHECK_TRUE(parse_client_hello(message(name(std::string(256, 'a'))))->server_name().empty());
  CHECK_EQUAL(255, parse_client_hello(message(name(std::string(255, 'a'))))->server_name().size());
}

TEST(ClientHello, tells_versions_suites_signatures_and_groups) {
  const auto hello = parse_client_hello(message(extension(43, vector8({3, 4, 3, 3})) +
                                                    extension(13, vector16({4, 3, 8, 4, 4, 1})) +
                                                    extension(10, vector16({0, 0x1d, 0, 0x18})),
                                                {0x13, 0x01, 0xc0, 0x2b}));
  CHECK_TRUE(hello->offers_tls13 && hello->ecdsa_p256 && hello->rsa_pss && hello->rsa_pkcs1);
  CHECK_TRUE(hello->ecdhe_ecdsa_suite && hello->group_p384 && hello->has_groups);
  CHECK_FALSE(hello->ecdsa_p384 || hello->ecdhe_rsa_suite || hello->group_p256);
}

TEST(ClientHello, may_have_no_extensions_at_all) {
  const auto body = Octets{3, 3} + Octets(32, 7) + vector8({}) + vector16({0xc0, 0x2f}) + vector8({0});
  const auto hello = parse_client_hello(Octets{1, 0} + u16(body.size()) + body);
  CHECK_TRUE(hello.has_value() && hello->ecdhe_rsa_suite);
}

TEST(ClientHello, cut_short_anywhere_is_refused) {
  const auto whole =
      message(name("a.test") + extension(13, vector16({4, 3})) + extension(43, vector8({3, 4})));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CHECK_FALSE(parse_client_hello(Bytes(whole).first(n)).has_value());
  }
  CHECK_TRUE(parse_client_hello(whole).has_value());
}

TEST(ClientHello, is_collected_from_records_cut_anywhere) {
  const auto whole = message(name("a.test"));
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const Octets head(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    const Octets tail(whole.begin() + static_cast<std::ptrdiff_t>(cut), whole.end());
    HelloGather gather;
    auto stream = record(head) + record(tail) + Octets{23, 3, 3};
    Bytes view(stream);
    CHECK_TRUE(gather.feed(view) == HelloGather::Step::complete);
    CHECK_EQUAL(3, view.size());
    CHECK_TRUE(Octets(gather.message().begin(), gather.message().end()) == whole);
    CHECK_TRUE(gather.take_records() == record(head) + record(tail));
  }
}

TEST(ClientHello, anything_else_is_told_apart_at_once) {
  HelloGather plain;
  CHECK_TRUE(feed(plain, text("E")) == HelloGather::Step::not_tls);
  HelloGather empty;
  CHECK_TRUE(feed(empty, {22, 3, 1, 0, 0}) == HelloGather::Step::not_tls);
  HelloGather huge;
  CHECK_TRUE(feed(huge, {22, 3, 1, 0x40, 1}) == HelloGather::Step::not_tls);
  HelloGather other_message;
  CHECK_TRUE(feed(other_message, record({2, 0, 0, 0})) == HelloGather::Step::malformed);
  HelloGather followed;
  CHECK_TRUE(feed(followed, record(message({}) + Octets{1})) == HelloGather::Step::malformed);
}

TEST(ClientHello, in_countless_tiny_records_is_refused) {
  HelloGather gather;
  auto step = feed(gather, record({1, 0, 0x3f, 0}));
  int records = 0;
  while (step == HelloGather::Step::more && ++records < 100000) step = feed(gather, record({0}));
  CHECK_TRUE(step == HelloGather::Step::malformed);
  CHECK_TRUE(records < 4000);
}
