// Which TLSA records count, and which names.
#include <string>

#include "firmware/policy/dane/names.hpp"
#include "firmware/policy/dane/usable.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::policy;

namespace {

using Der = std::vector<std::uint8_t>;

Der sequence(std::size_t content) {
  Der der{0x30, 0x82, static_cast<std::uint8_t>(content >> 8), static_cast<std::uint8_t>(content)};
  der.resize(content + 4);
  return der;
}

Tlsa make(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching, std::size_t length) {
  return {usage, selector, matching, matching == 0 ? sequence(length) : Der(length)};
}

}  // namespace

TEST_GROUP(Usable){bool usable(const Tlsa& record){return unusable(record).empty();
}
std::vector<std::size_t> kept(const std::vector<Tlsa>& records) {
  std::vector<TlsaView> views;
  for (const auto& r : records) views.push_back({r.usage, r.selector, r.matching, r.data});
  return employed(views);
}
}
;

TEST(Usable, usages_2_and_3_only) {
  CHECK_FALSE(usable(make(0, 1, 1, 32)));
  CHECK_FALSE(usable(make(1, 1, 1, 32)));
  CHECK_TRUE(usable(make(2, 1, 1, 32)));
  CHECK_TRUE(usable(make(3, 1, 1, 32)));
  CHECK_FALSE(usable(make(4, 1, 1, 32)));
  CHECK_FALSE(usable(make(255, 1, 1, 32)));
}

TEST(Usable, selectors_0_and_1_only) {
  CHECK_TRUE(usable(make(3, 0, 1, 32)));
  CHECK_FALSE(usable(make(3, 2, 1, 32)));
  CHECK_FALSE(usable(make(3, 255, 1, 32)));
}

TEST(Usable, digests_have_their_length) {
  CHECK_FALSE(usable(make(3, 1, 1, 31)));
  CHECK_FALSE(usable(make(3, 1, 1, 64)));
  CHECK_TRUE(usable(make(3, 1, 2, 64)));
  CHECK_FALSE(usable(make(3, 1, 2, 32)));
  CHECK_FALSE(usable(make(3, 1, 1, 0)));
  CHECK_FALSE(usable(make(3, 1, 3, 48)));
  CHECK_FALSE(usable(make(3, 1, 255, 32)));
}

TEST(Usable, full_values_are_one_der_sequence) {
  CHECK_TRUE(usable(make(2, 0, 0, 500)));
  CHECK_FALSE(usable({2, 0, 0, Der(500)}));
  auto cut = make(2, 0, 0, 500);
  cut.data.pop_back();
  CHECK_FALSE(usable(cut));
  CHECK_FALSE(usable({3, 1, 0, {}}));
  CHECK_FALSE(usable({3, 1, 0, {0x30, 0x00}}));
}

TEST(Usable, of_two_digests_of_the_same_kind_the_stronger_counts) {
  const std::vector<Tlsa> records{make(3, 1, 1, 32), make(3, 1, 2, 64), make(3, 0, 1, 32), make(2, 1, 1, 32)};
  CHECK_TRUE(kept(records) == (std::vector<std::size_t>{1, 2, 3}));
}

TEST(Usable, a_broken_stronger_digest_does_not_push_out_a_good_weaker_one) {
  CHECK_TRUE(kept({make(3, 1, 1, 32), make(3, 1, 2, 63)}) == (std::vector<std::size_t>{0}));
}

TEST(Usable, full_values_stay_beside_digests) {
  CHECK_TRUE(kept({make(3, 1, 0, 100), make(3, 1, 1, 32), make(3, 1, 2, 64)}) ==
             (std::vector<std::size_t>{0, 2}));
}

TEST(Usable, several_records_of_a_roll_over_all_stay) {
  CHECK_EQUAL(2, kept({make(3, 1, 1, 32), make(3, 1, 1, 32)}).size());
}

TEST(Usable, names_are_the_base_domain_and_the_proven_query_names) {
  const auto names = names_for_usage_2("mx.example.net", "example.com", "example.org", Security::secure);
  CHECK_TRUE(names == (std::vector<std::string>{"mx.example.net", "example.com", "example.org"}));
  CHECK_EQUAL(1, names_for_usage_2("example.com", "example.com", "example.com", Security::secure).size());
  CHECK_EQUAL(1,
              names_for_usage_2("mx.example.net", "example.com", "example.com", Security::insecure).size());
}

TEST(Usable, records_are_shown_as_in_zone_files) {
  const Der data{0x00, 0xab, 0x1f};
  STRCMP_EQUAL("3 1 1 00ab1f", text_of({3, 1, 1, data}).c_str());
}
