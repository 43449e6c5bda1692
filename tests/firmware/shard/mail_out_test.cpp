// Mail goes out to the internet, only ever over what the receiving domain promised.
#include <string>

#include "tests/firmware/shard/out_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using policy::PolicyType;
using policy::ResultType;
using test::FactsMaker;
using test::has;
using test::kOne;
using test::kTwo;
using test::OutWorld;

namespace {

// What came, without the trace line we put in front.
std::string without_trace(const std::string& body) {
  std::size_t end = body.find("\r\n");
  while (end + 2 < body.size() && (body[end + 2] == ' ' || body[end + 2] == '\t'))
    end = body.find("\r\n", end + 2);
  return body.substr(end + 2);
}

}  // namespace

TEST_GROUP(MailOut) {
  OutWorld out;
};

TEST(MailOut, AMessageReachesADomainThatPromisesNothingUnchanged) {
  auto& mx = out.server(kOne, false);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure).host("mx1.far.example", {kOne}));
  CHECK(has(out.send("bob@far.example"), "250 2.6.0"));
  CHECK(out.arrives(mx));
  STRCMP_EQUAL("Subject: x\r\n\r\nhello\r\n", without_trace(mx.mails[0].body).c_str());
  LONGS_EQUAL(1, out.sessions.size());
  CHECK(!out.sessions[0].secured);
  CHECK(out.sessions[0].dane.policy == PolicyType::no_policy_found);
}

TEST(MailOut, TlsIsUsedWhereOfferedThoughNothingIsPromised) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure).host("mx1.far.example", {kOne}));
  out.send("bob@far.example");
  CHECK(out.arrives(mx));
  CHECK(out.sessions.at(0).secured);
}

TEST(MailOut, AMatchingTlsaRecordIsProvenAndTold) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::good_tlsa()));
  out.send("bob@far.example");
  CHECK(out.arrives(mx));
  LONGS_EQUAL(1, out.sessions.size());
  CHECK(out.sessions[0].secured);
  CHECK(out.sessions[0].dane.policy == PolicyType::tlsa);
  CHECK(out.sessions[0].dane.result == ResultType::success);
  CHECK(out.sessions[0].sts.policy == PolicyType::no_policy_found);
}

TEST(MailOut, AWrongTlsaRecordSendsTheMailToTheNextServer) {
  auto& first = out.server(kOne);
  auto& second = out.server(kTwo);
  out.policies.publish(FactsMaker("far.example")
                           .host("mx1.far.example", {kOne}, 10)
                           .tlsa(OutWorld::wrong_tlsa())
                           .host("mx2.far.example", {kTwo}, 20)
                           .tlsa(OutWorld::good_tlsa()));
  out.send("bob@far.example");
  CHECK(out.arrives(second));
  CHECK(first.mails.empty());
  LONGS_EQUAL(2, out.sessions.size());
  CHECK(out.sessions[0].dane.result == ResultType::validation_failure);
  STRCMP_EQUAL("dane-no-match", std::string(out.sessions[0].dane.code).c_str());
  CHECK(out.deferrals.empty());
}

TEST(MailOut, WhereNoTlsaRecordMatchesTheMailWaits) {
  auto& mx = out.server(kOne);
  out.policies.publish(
      FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::wrong_tlsa()));
  out.send("bob@far.example");
  CHECK(out.deferred());
  CHECK(out.deferred_with("4.7.5"));
  out.world.run_for(10min);
  CHECK(mx.mails.empty());
  LONGS_EQUAL(1, out.world.shard->spool().size());
}

TEST(MailOut, AStrippedStarttlsIsNoWayRoundAPromise) {
  auto& mx = out.server(kOne, false);
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::good_tlsa()));
  out.send("bob@far.example");
  CHECK(out.deferred());
  CHECK(mx.mails.empty());
  CHECK(out.sessions.at(0).dane.result == ResultType::starttls_not_supported);
  CHECK(out.deferred_with("STARTTLS"));
}

TEST(MailOut, UnusableRecordsStillWantTls) {
  auto& mx = out.server(kOne, false);
  out.policies.publish(FactsMaker("far.example")
                           .host("mx1.far.example", {kOne})
                           .tlsa({1, 1, 1, std::vector<std::uint8_t>(32, 1)}));
  out.send("bob@far.example");
  CHECK(out.deferred());
  CHECK(mx.mails.empty());
  mx.tls = out.server_tls();
  CHECK(out.arrives(mx, 10min));
  CHECK(out.sessions.at(0).dane.result == ResultType::tlsa_invalid);
}

TEST(MailOut, ATlsaAnswerThatFailedMeansWaiting) {
  for (const auto state : {policy::TlsaState::failed, policy::TlsaState::bogus}) {
    OutWorld other;
    other.servers.at(kOne).settings.served_domains = {"far.example"};
    other.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa_state(state));
    other.send("bob@far.example");
    CHECK(other.world.run_until([&] { return !other.deferrals.empty(); }));
    LONGS_EQUAL(0, other.servers.at(kOne).sessions);
    LONGS_EQUAL(1, other.sessions.size());
    CHECK(!other.sessions[0].connected);
  }
}

TEST(MailOut, BrokenTlsFallsBackOnlyWhereNothingWasPromised) {
  auto& mx = out.server(kOne);
  mx.break_tls = true;
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure).host("mx1.far.example", {kOne}));
  out.send("bob@far.example");
  CHECK(out.arrives(mx));
  LONGS_EQUAL(1, out.world.counters.fell_back_to_clear);
  OutWorld strict;
  auto& other = strict.servers.at(kOne);
  other.settings.served_domains = {"far.example"};
  other.tls = strict.server_tls();
  other.break_tls = true;
  strict.policies.publish(
      FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::good_tlsa()));
  strict.send("bob@far.example");
  strict.world.run_for(5min);
  CHECK(other.mails.empty());
  LONGS_EQUAL(0, strict.world.counters.fell_back_to_clear);
}

TEST(MailOut, AnEnforcedPolicyWantsACertificateForTheServersName) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure)
                           .host("mx1.far.example", {kOne})
                           .sts(policy::StsMode::enforce, "mx1.far.example"));
  out.send("bob@far.example");
  CHECK(out.arrives(mx));
  CHECK(out.sessions.at(0).sts.policy == PolicyType::sts);
  CHECK(out.sessions.at(0).sts.result == ResultType::success);
}

TEST(MailOut, AnEnforcedPolicyIsNotMetByAnotherName) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure)
                           .host("mx9.far.example", {kOne})
                           .sts(policy::StsMode::enforce, "*.far.example"));
  out.send("bob@far.example");
  CHECK(out.deferred());
  CHECK(mx.mails.empty());
  CHECK(out.sessions.at(0).sts.result == ResultType::certificate_host_mismatch);
}

TEST(MailOut, AServerThePolicyDoesNotListIsNotEvenCalled) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure)
                           .host("mx1.far.example", {kOne})
                           .sts(policy::StsMode::enforce, "mx7.far.example"));
  out.send("bob@far.example");
  CHECK(out.deferred());
  LONGS_EQUAL(0, mx.sessions);
  STRCMP_EQUAL("mtasts-policy-mx-mismatch", std::string(out.sessions.at(0).sts.code).c_str());
}

TEST(MailOut, ATestedPolicyIsToldAndNotInsistedOn) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure)
                           .host("mx9.far.example", {kOne})
                           .sts(policy::StsMode::testing, "*.far.example"));
  out.send("bob@far.example");
  CHECK(out.arrives(mx));
  CHECK(out.sessions.at(0).sts.result == ResultType::certificate_host_mismatch);
}

TEST(MailOut, DaneAndAnEnforcedPolicyMustBothHold) {
  auto& mx = out.server(kOne);
  auto facts = FactsMaker("far.example")
                   .host("mx9.far.example", {kOne})
                   .tlsa(OutWorld::good_tlsa())
                   .sts(policy::StsMode::enforce, "*.far.example");
  out.policies.publish(facts);
  out.send("bob@far.example");
  CHECK(out.deferred());
  CHECK(mx.mails.empty());
  CHECK(out.sessions.at(0).dane.result == ResultType::success);
  CHECK(out.sessions.at(0).sts.result == ResultType::certificate_host_mismatch);
}

TEST(MailOut, AnUnknownDomainIsAskedForOnceForAllThatWaits) {
  auto& mx = out.server(kOne);
  out.policies.know(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.policies.full = true;
  out.send("bob@far.example");
  out.send("bea@far.example");
  out.policies.full = false;
  CHECK(out.arrives(mx, 30s, 2));
  LONGS_EQUAL(1, out.policies.asked);
}

TEST(MailOut, ADeadResolverMeansWaitingThenDeferringNeverLess) {
  auto& mx = out.server(kOne, false);
  out.policies.dead = true;
  out.policies.know(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.send("bob@far.example");
  out.world.run_for(50s);
  CHECK(out.deferrals.empty());
  CHECK(out.deferred());
  CHECK(out.deferred_with("4.4.3"));
  LONGS_EQUAL(0, mx.sessions);
  out.policies.dead = false;
  CHECK(out.arrives(mx, 30min));
}

TEST(MailOut, FactsThatRanOutAreNotUsed) {
  auto& mx = out.server(kOne, false);
  policy::Facts old = FactsMaker("far.example", policy::Security::insecure).host("mx1.far.example", {kOne});
  old.expires = out.world.now.wall - 1s;
  out.policies.publish(old);
  out.policies.dead = true;
  out.send("bob@far.example");
  CHECK(out.deferred());
  LONGS_EQUAL(0, mx.sessions);
}

TEST(MailOut, ANullMxComesBackAtOnce) {
  policy::Facts facts = FactsMaker("far.example");
  facts.mx = policy::MxKind::null_mx;
  out.policies.publish(facts);
  out.send("bob@far.example");
  CHECK(out.bounced());
  CHECK(has(out.world.office.mails[0].body, "Status: 5.1.10"));
}
