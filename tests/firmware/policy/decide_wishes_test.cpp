// What the message and the operator make of what the domain promised: REQUIRETLS, TLS-Required, overrides.
#include <string>

#include "tests/firmware/policy/decide_fixture.hpp"

using namespace postern;
using namespace postern::policy;
using namespace postern::policy::test;

TEST_GROUP_BASE(DecideWishes, DecideFixture){};

TEST(DecideWishes, requiretls_is_met_by_dane) {
  message.require_tls = true;
  insists(Insist::dane, ask());
  CHECK_TRUE(ask().require_tls_extension);
}

TEST(DecideWishes, requiretls_is_met_by_an_enforced_policy) {
  facts.mx_security = Security::insecure;
  facts.sts = example_policy(StsMode::enforce);
  message.require_tls = true;
  insists(Insist::pkix, ask());
}

TEST(DecideWishes, requiretls_to_a_proven_name_wants_a_valid_certificate) {
  message.require_tls = true;
  tlsa(TlsaState::none);
  insists(Insist::pkix, ask());
  tlsa(TlsaState::records, {{0, 0, 1, std::vector<std::uint8_t>(32)}});
  insists(Insist::pkix, ask());
}

TEST(DecideWishes, requiretls_to_a_name_nobody_vouches_for_bounces) {
  facts.mx_security = Security::insecure;
  message.require_tls = true;
  insists(Insist::refuse, ask());
  STRCMP_EQUAL("5.7.30", std::string(ask().status).c_str());
  facts.sts = example_policy(StsMode::testing);
  insists(Insist::refuse, ask());
}

TEST(DecideWishes, requiretls_waits_where_a_lookup_failed) {
  message.require_tls = true;
  tlsa(TlsaState::failed);
  insists(Insist::defer, ask());
}

TEST(DecideWishes, requiretls_wins_over_an_override_and_over_tls_required_no) {
  message.require_tls = true;
  message.tls_required_no = true;
  insists(Insist::dane, ask());
  override_with(Override::Kind::instead, Insist::opportunistic);
  insists(Insist::dane, ask());
}

TEST(DecideWishes, tls_required_no_lets_every_promise_go) {
  message.tls_required_no = true;
  facts.sts = example_policy(StsMode::enforce, "elsewhere.example");
  insists(Insist::opportunistic, ask());
  tlsa(TlsaState::bogus);
  insists(Insist::opportunistic, ask());
  facts.mx_security = Security::bogus;
  insists(Insist::defer, ask());
}

TEST(DecideWishes, an_override_replaces_what_was_promised) {
  tlsa(TlsaState::bogus);
  override_with(Override::Kind::instead, Insist::mandatory);
  insists(Insist::mandatory, ask());
  CHECK_TRUE(ask().overridden);
  rule.insist = Insist::plaintext;
  insists(Insist::plaintext, ask());
  rule.insist = Insist::pkix;
  insists(Insist::pkix, ask());
}

TEST(DecideWishes, an_override_ends_by_itself) {
  override_with(Override::Kind::instead, Insist::opportunistic);
  insists(Insist::opportunistic, ask(0, rule.expires - std::chrono::seconds(1)));
  insists(Insist::dane, ask(0, rule.expires));
}

TEST(DecideWishes, a_least_demand_only_raises) {
  tlsa(TlsaState::none);
  override_with(Override::Kind::at_least, Insist::mandatory);
  insists(Insist::mandatory, ask());
  CHECK_TRUE(ask().overridden);
  facts.sts = example_policy(StsMode::enforce);
  insists(Insist::pkix, ask());
  CHECK_FALSE(ask().overridden);
  tlsa(TlsaState::records, {key_record()});
  rule.insist = Insist::pkix;
  insists(Insist::dane_and_pkix, ask());
}

TEST(DecideWishes, dane_asked_for_where_there_is_none_defers) {
  tlsa(TlsaState::none);
  override_with(Override::Kind::at_least, Insist::dane);
  insists(Insist::defer, ask());
  reports(ask().dane, PolicyType::tlsa, ResultType::dane_required);
}

TEST(DecideWishes, a_least_demand_does_not_turn_a_wait_into_a_delivery) {
  tlsa(TlsaState::failed);
  override_with(Override::Kind::at_least, Insist::mandatory);
  insists(Insist::defer, ask());
}

TEST(DecideWishes, an_override_that_says_nothing_sensible_is_not_used) {
  override_with(Override::Kind::instead, Insist::refuse);
  insists(Insist::dane, ask());
}

TEST(DecideWishes, our_own_least_demand_holds_for_everybody) {
  tlsa(TlsaState::none);
  settings.at_least = Insist::mandatory;
  insists(Insist::mandatory, ask());
}
