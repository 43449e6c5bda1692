// Facts go into bytes and come out the same; any bytes are safe to look into.
#include <string>

#include "firmware/policy/encoding.hpp"
#include "tests/firmware/policy/example_facts.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::policy;
using namespace postern::policy::test;

TEST_GROUP(Encoding){};

TEST(Encoding, everything_comes_back) {
  auto facts = example_facts();
  facts.mx_reason = {"no answer", "Network Error", 23};
  facts.sts = example_policy(StsMode::testing);
  facts.sts.fault = StsFault::fetch_error;
  facts.sts.reason = {"status 404", "", -1};
  facts.hosts[1].tlsa_state = TlsaState::bogus;
  facts.hosts[1].tlsa.clear();
  facts.hosts[1].tlsa_reason = {"signature expired", "Signature Expired", 7};
  facts.hosts[1].address_reason = {"AAAA timed out", "", 22};
  facts.hosts[0].tlsa.push_back({2, 0, 0, std::vector<std::uint8_t>(1200, 7)});
  const auto bytes = encode(facts);
  const auto back = decode(bytes);
  CHECK_TRUE(back.has_value());
  CHECK_TRUE(*back == facts);
}

TEST(Encoding, the_view_and_the_facts_have_the_same_heads) {
  auto facts = example_facts();
  facts.sts = example_policy(StsMode::enforce, "mx2.example.net");
  facts.hosts[0].tlsa.push_back({0, 0, 1, std::vector<std::uint8_t>(32)});
  const auto bytes = encode(facts);
  const auto view = *FactsView::over(bytes);
  CHECK_EQUAL(2, view.host(0).tlsa_records);
  CHECK_EQUAL(1, view.host(0).tlsa_usable);
  CHECK_FALSE(view.host(0).sts_match);
  CHECK_TRUE(view.host(1).sts_match);
  CHECK_EQUAL(2, view.host(1).addresses);
  CHECK_TRUE(view.host_address(1, 1) == facts.hosts[1].addresses[1]);
  STRCMP_EQUAL("example.com", std::string(view.host_name_allowed(0, 1)).c_str());
  CHECK_TRUE(view.host_name_allowed(0, 2).empty());
  CHECK_TRUE(view.host_tlsa(0, 2).data.empty());
  CHECK_TRUE(view.host_name(7).empty());
}

TEST(Encoding, a_long_policy_text_is_left_out_before_anything_else) {
  auto facts = example_facts();
  facts.sts = example_policy(StsMode::enforce);
  facts.sts.text = std::string(60000, 'x');
  const auto bytes = encode(facts);
  CHECK_TRUE(bytes.size() <= kMostEncoded);
  const auto back = *decode(bytes);
  CHECK_TRUE(back.sts.text.empty());
  CHECK_EQUAL(2, back.hosts.size());
  CHECK_TRUE(FactsView::over(bytes)->host(0).sts_match);
}

TEST(Encoding, hosts_that_do_not_fit_are_left_out_with_all_they_promised) {
  auto facts = example_facts();
  while (facts.hosts.size() < 60)
    facts.hosts.push_back(example_host("mx" + std::to_string(facts.hosts.size()) + ".example.net"));
  const auto bytes = encode(facts);
  CHECK_TRUE(bytes.size() <= kMostEncoded);
  const auto back = *decode(bytes);
  CHECK_TRUE(back.hosts.size() >= 10);
  CHECK_TRUE(back.hosts.size() <= kMostHosts);
  for (std::size_t i = 0; i < back.hosts.size(); ++i) CHECK_TRUE(back.hosts[i] == facts.hosts[i]);
}

TEST(Encoding, a_host_whose_records_are_too_large_is_not_kept_without_them) {
  auto facts = example_facts();
  for (int i = 0; i < 20; ++i) facts.hosts[0].tlsa.push_back({2, 0, 0, std::vector<std::uint8_t>(2000)});
  CHECK_EQUAL(0, FactsView::over(encode(facts))->head().hosts);
}

TEST(Encoding, among_many_records_the_usable_ones_stay) {
  auto facts = example_facts();
  facts.hosts[0].tlsa.assign(40, {0, 0, 1, std::vector<std::uint8_t>(32)});
  facts.hosts[0].tlsa.push_back(key_record(9));
  const auto bytes = encode(facts);
  const auto view = *FactsView::over(bytes);
  CHECK_EQUAL(kMostTlsa, view.host(0).tlsa_records);
  CHECK_EQUAL(1, view.host(0).tlsa_usable);
  CHECK_EQUAL(9, view.host_tlsa(0, 0).data[0]);
}

TEST(Encoding, cut_bytes_are_refused_or_read_as_empty) {
  auto facts = example_facts();
  facts.sts = example_policy(StsMode::enforce);
  const auto bytes = encode(facts);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::vector<std::uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    const auto back = decode(cut);
    if (back) CHECK_FALSE(*back == facts);
  }
  CHECK_FALSE(FactsView::over({}).has_value());
}
