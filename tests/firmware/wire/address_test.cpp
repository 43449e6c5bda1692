// Addresses and prefixes: text in, text out, and which network they belong to.
#include "firmware/wire/address.hpp"

#include <random>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::wire;

namespace {

std::string canonical(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->text() : "refused";
}

}  // namespace

TEST_GROUP(Address){};

TEST(Address, PrintsAsRfc5952Says) {
  STRCMP_EQUAL("192.0.2.1", canonical("192.0.2.1").c_str());
  STRCMP_EQUAL("2001:db8::1", canonical("2001:0db8:0:0:0:0:0:0001").c_str());      // §4.1, §4.2.1
  STRCMP_EQUAL("2001:db8:0:1:1:1:1:1", canonical("2001:db8::1:1:1:1:1").c_str());  // §4.2.2
  STRCMP_EQUAL("2001:0:0:1::1", canonical("2001:0:0:1:0:0:0:1").c_str());          // §4.2.3, the longest
  STRCMP_EQUAL("2001:db8::1:0:0:1", canonical("2001:db8:0:0:1:0:0:1").c_str());    // §4.2.3, the first
  STRCMP_EQUAL("2001:db8::abcd", canonical("2001:DB8::ABCD").c_str());             // §4.3
  STRCMP_EQUAL("::", canonical("0:0:0:0:0:0:0:0").c_str());
  STRCMP_EQUAL("::1", canonical("::1").c_str());
  STRCMP_EQUAL("fe80::", canonical("fe80::").c_str());
  STRCMP_EQUAL("64:ff9b::c000:201", canonical("64:ff9b::192.0.2.1").c_str());
}

TEST(Address, RefusesWhatIsNotAnAddress) {
  for (const auto* text : {"",
                           ".",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.-4",
                           "1..3.4",
                           "0x1.2.3.4",
                           ":",
                           ":::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:",
                           ":1",
                           "1:2:3:4:5:6:7:",
                           "fe80::1%eth0",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "::+1",
                           "1:2:3:4:5:6:7:1.2.3.4"}) {
    STRCMP_EQUAL_TEXT("refused", canonical(text).c_str(), text);
  }
}

TEST(Address, RefusesIpv4MappedText) {
  STRCMP_EQUAL("refused", canonical("::ffff:192.0.2.1").c_str());
}

TEST(Address, EveryAddressComesBackFromItsText) {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    IpAddress address;
    for (auto& byte : address.bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : 0);
    if (address.is_v4()) continue;
    CHECK(address == *IpAddress::parse(address.text()));
    const auto four = IpAddress::v4(address.bytes.data());
    CHECK(four == *IpAddress::parse(four.text()));
  }
}

TEST(Address, KnowsItsKind) {
  const auto at = [](std::string_view text) { return *IpAddress::parse(text); };
  CHECK(at("192.0.2.1").is_v4());
  CHECK_FALSE(at("::1").is_v4());
  CHECK(at("0.0.0.0").is_unspecified() && at("::").is_unspecified());
  CHECK_FALSE(at("0.0.0.1").is_unspecified() || at("::1").is_unspecified());
  CHECK(at("224.0.0.1").is_multicast() && at("239.255.255.255").is_multicast() &&
        at("ff02::1").is_multicast());
  CHECK_FALSE(at("223.255.255.255").is_multicast() || at("240.0.0.1").is_multicast() ||
              at("fe80::1").is_multicast());
  CHECK(at("169.254.3.4").is_link_local() && at("fe80::1").is_link_local() && at("febf::1").is_link_local());
  CHECK_FALSE(at("169.255.3.4").is_link_local() || at("fec0::1").is_link_local());
  CHECK(at("127.0.0.1").is_loopback() && at("127.9.9.9").is_loopback() && at("::1").is_loopback());
  CHECK_FALSE(at("128.0.0.1").is_loopback() || at("::2").is_loopback());
}

TEST(Address, PrefixContainsItsNetworkOnly) {
  const auto contains = [](std::string_view prefix, std::string_view address) {
    return Prefix::parse(prefix)->contains(*IpAddress::parse(address));
  };
  CHECK(contains("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(contains("192.0.2.0/24", "192.0.3.0"));
  CHECK(contains("192.0.2.128/25", "192.0.2.200"));
  CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  CHECK(contains("0.0.0.0/0", "203.0.113.9"));
  CHECK(contains("::/0", "2001:db8::1"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK_FALSE(contains("::/0", "192.0.2.1"));
  CHECK(contains("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(contains("2001:db8::7", "2001:db8::6"));
  CHECK(contains("2001:db8:0:fe00::/55", "2001:db8:0:ff00::1"));
}

TEST(Address, PrefixTextIsStrict) {
  STRCMP_EQUAL("192.0.2.1/24", Prefix::parse("192.0.2.1/24")->text().c_str());
  STRCMP_EQUAL("2001:db8::/128", Prefix::parse("2001:db8::")->text().c_str());
  for (const auto* text :
       {"192.0.2.0/", "192.0.2.0/33", "192.0.2.0/+8", "192.0.2.0/08", "::/129", "/8", "::/1/2"}) {
    CHECK_FALSE_TEXT(Prefix::parse(text).has_value(), text);
  }
}

TEST(Address, BudgetPrefixJoinsOneNetwork) {
  const auto budget = [](std::string_view text) { return budget_prefix(*IpAddress::parse(text)).text(); };
  STRCMP_EQUAL("192.0.2.0", budget("192.0.2.77").c_str());
  STRCMP_EQUAL("2001:db8:1:200::", budget("2001:db8:1:2ff:1:2:3:4").c_str());
}
