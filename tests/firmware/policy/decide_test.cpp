// What is insisted on: every row of the design's table, and the corners beside it.
#include <string>

#include "tests/firmware/policy/decide_fixture.hpp"

using namespace postern;
using namespace postern::policy;
using namespace postern::policy::test;

TEST_GROUP_BASE(Decide, DecideFixture){};

TEST(Decide, usable_records_must_match) {
  const auto demand = ask();
  insists(Insist::dane, demand);
  reports(demand.dane, PolicyType::tlsa, ResultType::success);
  reports(demand.sts, PolicyType::no_policy_found, ResultType::success);
}

TEST(Decide, a_secure_alias_into_an_unsigned_zone_counts_as_well) {
  facts.hosts[0].security = HostSecurity::secure_alias;
  insists(Insist::dane, ask());
}

TEST(Decide, one_usable_record_among_others_is_enough) {
  tlsa(TlsaState::records, {{0, 0, 1, std::vector<std::uint8_t>(32)}, key_record()});
  insists(Insist::dane, ask());
}

TEST(Decide, records_none_of_which_is_usable_mean_tls_with_any_certificate) {
  tlsa(TlsaState::records,
       {{0, 0, 1, std::vector<std::uint8_t>(32)}, {1, 1, 1, std::vector<std::uint8_t>(32)}});
  const auto demand = ask();
  insists(Insist::mandatory, demand);
  reports(demand.dane, PolicyType::tlsa, ResultType::tlsa_invalid);
}

TEST(Decide, unusable_records_with_an_enforced_policy_mean_a_valid_certificate) {
  tlsa(TlsaState::records, {{3, 1, 9, std::vector<std::uint8_t>(32)}});
  facts.sts = example_policy(StsMode::enforce);
  insists(Insist::pkix, ask());
}

TEST(Decide, no_records_and_no_policy_mean_opportunistic) {
  tlsa(TlsaState::none);
  const auto demand = ask();
  insists(Insist::opportunistic, demand);
  CHECK_FALSE(demand.needs_tls());
  reports(demand.dane, PolicyType::no_policy_found, ResultType::success);
}

TEST(Decide, no_records_and_an_enforced_policy_mean_a_valid_certificate) {
  tlsa(TlsaState::none);
  facts.sts = example_policy(StsMode::enforce);
  const auto demand = ask();
  insists(Insist::pkix, demand);
  reports(demand.sts, PolicyType::sts, ResultType::success);
}

TEST(Decide, records_and_an_enforced_policy_mean_both) {
  facts.sts = example_policy(StsMode::enforce);
  insists(Insist::dane_and_pkix, ask());
}

TEST(Decide, a_tlsa_answer_that_failed_or_is_bogus_defers_whatever_mta_sts_says) {
  facts.sts = example_policy(StsMode::enforce);
  tlsa(TlsaState::failed);
  insists(Insist::defer, ask());
  reports(ask().dane, PolicyType::tlsa, ResultType::tlsa_invalid);
  tlsa(TlsaState::bogus);
  insists(Insist::defer, ask());
  reports(ask().dane, PolicyType::tlsa, ResultType::dnssec_invalid);
}

TEST(Decide, a_tlsa_question_that_was_forgotten_is_no_proof_of_absence) {
  tlsa(TlsaState::not_asked);
  insists(Insist::defer, ask());
}

TEST(Decide, an_insecure_mx_makes_records_count_for_nothing) {
  facts.mx_security = Security::insecure;
  insists(Insist::opportunistic, ask());
  tlsa(TlsaState::bogus);
  insists(Insist::opportunistic, ask());
  facts.sts = example_policy(StsMode::enforce);
  insists(Insist::pkix, ask());
}

TEST(Decide, an_insecure_mx_with_the_option_takes_records_all_the_same) {
  facts.mx_security = Security::insecure;
  settings.dane_insecure_mx = true;
  insists(Insist::dane, ask());
  tlsa(TlsaState::not_asked);
  insists(Insist::opportunistic, ask());
  tlsa(TlsaState::bogus);
  insists(Insist::defer, ask());
}

TEST(Decide, an_insecure_address_makes_records_count_for_nothing) {
  facts.hosts[0].security = HostSecurity::insecure;
  insists(Insist::opportunistic, ask());
}

TEST(Decide, an_address_that_failed_or_is_bogus_defers) {
  facts.hosts[0].security = HostSecurity::bogus;
  insists(Insist::defer, ask());
  reports(ask().dane, PolicyType::tlsa, ResultType::dnssec_invalid);
  facts.hosts[0].security = HostSecurity::failed;
  insists(Insist::defer, ask());
  facts.hosts[0].security = HostSecurity::secure;
  facts.hosts[0].addresses.clear();
  insists(Insist::defer, ask());
}

TEST(Decide, one_bad_host_does_not_spoil_the_other) {
  tlsa(TlsaState::bogus);
  insists(Insist::defer, ask(0));
  insists(Insist::dane, ask(1));
}

TEST(Decide, a_bogus_or_failed_mx_defers) {
  facts.mx_security = Security::bogus;
  insists(Insist::defer, ask());
  reports(ask().dane, PolicyType::tlsa, ResultType::dnssec_invalid);
  facts.mx_security = Security::failed;
  insists(Insist::defer, ask());
}

TEST(Decide, who_takes_no_mail_is_told_for_good) {
  const auto of_domain = [&](MxKind kind) {
    facts.mx = kind;
    facts.hosts.clear();
    return decide_domain(head_of(facts), message, settings);
  };
  insists(Insist::refuse, of_domain(MxKind::null_mx));
  STRCMP_EQUAL("5.1.10", std::string(of_domain(MxKind::null_mx).status).c_str());
  STRCMP_EQUAL("5.1.2", std::string(of_domain(MxKind::no_domain).status).c_str());
  STRCMP_EQUAL("5.4.4", std::string(of_domain(MxKind::no_host).status).c_str());
  insists(Insist::defer, of_domain(MxKind::unknown));
  insists(Insist::defer, of_domain(MxKind::list));
}

TEST(Decide, a_forged_null_mx_does_not_bounce) {
  facts.mx = MxKind::null_mx;
  facts.mx_security = Security::bogus;
  insists(Insist::defer, decide_domain(head_of(facts), message, settings));
}

TEST(Decide, a_domain_without_mx_is_its_own_host) {
  facts.mx = MxKind::implicit;
  facts.hosts = {example_host("example.com")};
  insists(Insist::dane, ask());
}

TEST(Decide, an_enforced_policy_keeps_other_hosts_out) {
  tlsa(TlsaState::none);
  facts.sts = example_policy(StsMode::enforce, "mx2.example.net");
  insists(Insist::defer, ask(0));
  reports(ask(0).sts, PolicyType::sts, ResultType::validation_failure);
  insists(Insist::dane_and_pkix, ask(1));
}

TEST(Decide, an_enforced_policy_keeps_a_host_out_though_its_records_would_match) {
  facts.sts = example_policy(StsMode::enforce, "mx2.example.net");
  insists(Insist::defer, ask(0));
}

TEST(Decide, testing_reports_and_delivers) {
  tlsa(TlsaState::none);
  facts.sts = example_policy(StsMode::testing);
  insists(Insist::opportunistic, ask());
  CHECK_TRUE(ask().test_pkix);
  facts.sts = example_policy(StsMode::testing, "elsewhere.example");
  insists(Insist::opportunistic, ask());
  CHECK_FALSE(ask().test_pkix);
  reports(ask().sts, PolicyType::sts, ResultType::validation_failure);
}

TEST(Decide, mode_none_is_no_policy) {
  tlsa(TlsaState::none);
  facts.sts = example_policy(StsMode::none);
  insists(Insist::opportunistic, ask());
  reports(ask().sts, PolicyType::no_policy_found, ResultType::success);
}

TEST(Decide, a_policy_holds_until_it_expires) {
  tlsa(TlsaState::none);
  facts.sts = example_policy(StsMode::enforce);
  insists(Insist::pkix, ask(0, facts.sts.expires - std::chrono::seconds(1)));
  insists(Insist::opportunistic, ask(0, facts.sts.expires));
}

TEST(Decide, a_cached_policy_in_trouble_still_holds_and_the_trouble_is_reported) {
  tlsa(TlsaState::none);
  facts.sts = example_policy(StsMode::enforce);
  facts.sts.fault = StsFault::webpki_invalid;
  insists(Insist::pkix, ask());
  reports(ask().sts, PolicyType::sts, ResultType::sts_webpki_invalid);
}

TEST(Decide, not_knowing_whether_there_is_a_policy_defers) {
  tlsa(TlsaState::none);
  facts.sts.state = StsState::unknown;
  insists(Insist::defer, ask());
}

TEST(Decide, a_first_fetch_that_failed_promises_nothing_unless_we_choose_to_wait) {
  tlsa(TlsaState::none);
  facts.sts.fault = StsFault::fetch_error;
  insists(Insist::opportunistic, ask());
  reports(ask().sts, PolicyType::sts, ResultType::sts_policy_fetch_error);
  settings.wait_for_first_sts_policy = true;
  insists(Insist::defer, ask());
}

TEST(Decide, tls_required_no_sets_our_own_demand_aside_unless_it_stands) {
  message.tls_required_no = true;
  settings.at_least = Insist::mandatory;
  insists(Insist::opportunistic, ask());
  settings.own_demand_stands = true;
  insists(Insist::mandatory, ask());
  settings.at_least = Insist::opportunistic;
  with_rule = true;
  rule = {Override::Kind::at_least, Insist::pkix, WallTime::max(), "contract"};
  insists(Insist::pkix, ask());
  settings.own_demand_stands = false;
  insists(Insist::opportunistic, ask());
}

TEST(Decide, what_is_switched_off_is_not_looked_at) {
  facts.sts = example_policy(StsMode::enforce);
  settings.dane = false;
  insists(Insist::pkix, ask());
  settings.mta_sts = false;
  insists(Insist::opportunistic, ask());
}

TEST(Decide, sni_is_the_base_domain_with_dane_and_the_mx_name_without) {
  facts.hosts[0].expanded = facts.hosts[0].tlsa_base = "real.example.net";
  const auto bytes = encode(facts);
  const auto view = *FactsView::over(bytes);
  const auto with = names_for(ask(), view, 0);
  STRCMP_EQUAL("real.example.net", std::string(with.sni).c_str());
  STRCMP_EQUAL("mx1.example.net", std::string(with.pkix).c_str());
  settings.dane = false;
  STRCMP_EQUAL("mx1.example.net", std::string(names_for(ask(), view, 0).sni).c_str());
}

TEST(Decide, no_combination_of_facts_with_a_promise_or_a_failure_goes_in_the_clear) {
  for (int h = 0; h <= 4; ++h) {
    for (int t = 0; t <= 4; ++t) {
      for (int s = 0; s <= 3; ++s) {
        for (int m = 0; m <= 2; ++m) {
          facts.hosts[0].security = static_cast<HostSecurity>(h);
          tlsa(static_cast<TlsaState>(t), t == 2 ? std::vector<Tlsa>{key_record()} : std::vector<Tlsa>{});
          facts.sts = example_policy(static_cast<StsMode>(m));
          facts.sts.state = static_cast<StsState>(s);
          const auto demand = ask();
          const bool proven = h <= 1;
          const bool dane_promised = proven && t != 1;
          const bool sts_promised = s == 2 && m == 2;
          const bool unknown = h >= 3 || s == 3;
          if (dane_promised || sts_promised || unknown)
            CHECK_TRUE(demand.needs_tls() || !demand.may_deliver());
        }
      }
    }
  }
}
