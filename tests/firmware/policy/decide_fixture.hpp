// Facts that are as good as can be, and what is decided from them.
#pragma once

#include <string>

#include "firmware/policy/decide/decide.hpp"
#include "tests/firmware/policy/example_facts.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::policy::test {

struct DecideFixture : public Utest {
  Facts facts = example_facts();
  MessageWishes message;
  policy::Settings settings;
  Override rule;
  bool with_rule = false;

  Demand ask(std::size_t host = 0, WallTime now = kNow) {
    return decide(head_of(facts), head_of(facts, facts.hosts[host]), message, with_rule ? &rule : nullptr,
                  settings, now);
  }
  void insists(Insist insist, const Demand& demand) {
    STRCMP_EQUAL(std::string(name_of(insist)).c_str(), std::string(name_of(demand.insist)).c_str());
    CHECK_FALSE(demand.reason.empty());
    CHECK_EQUAL(insist == Insist::refuse || insist == Insist::defer, !demand.status.empty());
  }
  void reports(const Finding& finding, PolicyType policy, ResultType result) {
    STRCMP_EQUAL(std::string(name_of(policy)).c_str(), std::string(name_of(finding.policy)).c_str());
    STRCMP_EQUAL(std::string(name_of(result)).c_str(), std::string(name_of(finding.result)).c_str());
  }
  void tlsa(TlsaState state, const std::vector<Tlsa>& records = {}) {
    facts.hosts[0].tlsa_state = state;
    facts.hosts[0].tlsa = records;
  }
  void override_with(Override::Kind kind, Insist insist, WallTime expires = kNow + std::chrono::hours(1)) {
    rule = {kind, insist, expires, "ticket 7"};
    with_rule = true;
  }
};

}  // namespace postern::policy::test
