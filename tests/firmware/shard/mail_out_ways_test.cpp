// Which way mail goes out: several domains, several servers, those that are down, and what senders are told.
#include <string>

#include "tests/firmware/shard/out_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using test::FactsMaker;
using test::has;
using test::kOne;
using test::kTwo;
using test::OutWorld;

namespace {

constexpr const char* kNobody = "192.0.2.77";  // no host has it

}  // namespace

TEST_GROUP(MailOutWays) {
  OutWorld out;
};

TEST(MailOutWays, AnAlertBehindTheHandshakeIsNoSuccessOfTls) {
  auto& mx = out.server(kOne);
  mx.alert = true;
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::good_tlsa()));
  out.send("bob@far.example");
  CHECK(out.deferred());
  const auto& told = out.sessions.at(0);
  CHECK(told.dane.policy == policy::PolicyType::tlsa);
  CHECK(told.dane.result == policy::ResultType::validation_failure);
  STRCMP_EQUAL("tls-handshake-failed", std::string(told.dane.code).c_str());
  CHECK(!told.secured);
}

TEST(MailOutWays, AMessageToSeveralDomainsIsSplit) {
  auto& far = out.server(kOne);
  auto& near = out.server(kTwo);
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.policies.publish(FactsMaker("near.example").host("mx2.far.example", {kTwo}));
  out.send("bob@far.example bea@far.example ned@near.example ann@example.org");
  CHECK(out.arrives(far));
  CHECK(out.arrives(near));
  CHECK(out.bounced());  // that is: the office has its part
  LONGS_EQUAL(2, far.mails[0].envelope.recipients.size());
  LONGS_EQUAL(1, near.mails[0].envelope.recipients.size());
  LONGS_EQUAL(1, out.world.office.mails[0].envelope.recipients.size());
  CHECK(out.world.run_until([&] { return out.world.shard->spool().size() == 0; }));
}

TEST(MailOutWays, WhatOneDomainTookIsNotSentAgainBecauseAnotherDidNot) {
  auto& far = out.server(kOne);
  auto& near = out.server(kTwo);
  near.verdict = smtp::StoreAnswer::failed;
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.policies.publish(FactsMaker("near.example").host("mx2.far.example", {kTwo}));
  out.send("bob@far.example ned@near.example");
  CHECK(out.arrives(far));
  CHECK(out.deferred());
  out.world.run_for(1s);
  out.world.crash();
  near.verdict = smtp::StoreAnswer::stored;
  CHECK(out.arrives(near, 10min));
  LONGS_EQUAL(1, far.mails.size());
}

TEST(MailOutWays, AnAddressThatDoesNotAnswerCostsSecondsOnly) {
  auto& mx = out.server(kOne);
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kNobody, kOne}));
  out.send("bob@far.example");
  CHECK(out.arrives(mx, 6s));
}

TEST(MailOutWays, IPv6IsTriedFirstAndIPv4Besides) {
  auto& six = out.server("2001:db8:1::21");
  auto& four = out.server(kOne);
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne, "2001:db8:1::21"}));
  out.send("bob@far.example");
  CHECK(out.arrives(six));
  LONGS_EQUAL(0, four.sessions);
}

TEST(MailOutWays, AServerThatTurnsUsAwayIsPassedOver) {
  auto& first = out.server(kOne);
  first.refuse = "421";
  auto& second = out.server(kTwo);
  out.policies.publish(
      FactsMaker("far.example").host("mx1.far.example", {kOne}, 10).host("mx2.far.example", {kTwo}, 20));
  out.send("bob@far.example");
  CHECK(out.arrives(second));
}

TEST(MailOutWays, AConnectionThatBreaksUnderAMessageLeadsToTheNextServer) {
  auto& first = out.server(kOne);
  first.hangs_up_after_mail = 1;
  auto& second = out.server(kTwo);
  out.policies.publish(
      FactsMaker("far.example").host("mx1.far.example", {kOne}, 10).host("mx2.far.example", {kTwo}, 20));
  out.send("bob@far.example");
  CHECK(out.arrives(second));
}

TEST(MailOutWays, ADomainThatIsDownRestsAndComesBack) {
  auto& mx = out.server(kOne);
  mx.refuse = "554";
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.send("bob@far.example");
  CHECK(out.deferred());
  const auto before = mx.sessions;
  out.send("bea@far.example");
  out.world.run_for(2s);
  LONGS_EQUAL(before, mx.sessions);  // it rests: the second one waits without a call
  mx.refuse.clear();
  CHECK(out.arrives(mx, 10min, 2));
}

TEST(MailOutWays, ConnectionsAreUsedAgainAndTheirNumberIsBounded) {
  auto& mx = out.server(kOne);
  out.policies.know(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.policies.full = true;  // so that everything waits first
  for (int i = 0; i < 30; ++i) out.send("bob@far.example");
  out.policies.full = false;
  CHECK(out.arrives(mx, 60s, 30));
  CHECK(mx.sessions <= 8);
}

TEST(MailOutWays, ABacklogForOneDomainDoesNotStopAnother) {
  auto settings = OutWorld::out_settings();
  settings.outbound.parts = 40;
  OutWorld crowded(settings);
  crowded.policies.dead = true;
  for (int i = 0; i < 60; ++i) crowded.send("bob@slow.example");
  auto& mx = crowded.servers.at(kOne);
  mx.settings.served_domains = {"far.example"};
  crowded.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  crowded.send("bob@far.example");
  CHECK(crowded.world.run_until([&] { return !mx.mails.empty(); }, 20s));
  CHECK(crowded.world.counters.parts_spilled > 0);
}

TEST(MailOutWays, AnOverrideWithAnExpiryDecidesUntilThen) {
  auto settings = OutWorld::out_settings();
  for (const bool over : {false, true}) {
    OutWorld ruled(settings);
    ruled.world.settings.outbound.overrides = {
        {"far.example",
         {policy::Override::Kind::instead, policy::Insist::plaintext,
          over ? ruled.world.now.wall - 1s : ruled.world.now.wall + 24h, "their TLS is broken"}}};
    ruled.world.shard->apply(ruled.world.settings);
    auto& mx = ruled.servers.at(kOne);
    mx.settings.served_domains = {"far.example"};
    mx.tls = ruled.server_tls();
    ruled.policies.publish(
        FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::wrong_tlsa()));
    ruled.send("bob@far.example");
    CHECK_EQUAL(!over, ruled.world.run_until([&] { return !mx.mails.empty(); }, 10s));
  }
}

// Large providers: with sessions kept for reuse each domain would wait for the pause of another.
TEST(MailOutWays, DomainsThatShareAHostDoNotWaitForEachOthersIdleSessions) {
  auto settings = OutWorld::out_settings();
  settings.outbound.connections_per_host = 2;
  settings.outbound.idle = 60s;
  OutWorld crowd(settings);
  auto& mx = crowd.servers.at(kOne);
  constexpr std::size_t kDomains = 30;
  for (std::size_t i = 0; i < kDomains; ++i) {
    const auto name = "d" + std::to_string(i) + ".example";
    mx.settings.served_domains.push_back(name);
    crowd.policies.publish(FactsMaker(name).host("mx.provider.example", {kOne}));
  }
  for (std::size_t i = 0; i < kDomains; ++i) crowd.send("bob@d" + std::to_string(i) + ".example");
  CHECK(crowd.world.run_until([&] { return mx.mails.size() == kDomains; }, 30s));
}

TEST(MailOutWays, ARecipientRefusedForGoodBouncesToItsSenderByTheInternet) {
  auto& far = out.server(kOne);
  far.unknown = {"bob@far.example"};
  auto& near = out.server(kTwo);
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.policies.publish(FactsMaker("near.example").host("mx2.far.example", {kTwo}));
  out.send("bob@far.example", "Subject: x\r\n", "ned@near.example");
  CHECK(out.arrives(near));
  CHECK(near.mails[0].envelope.sender.is_null());
  STRCMP_EQUAL("ned@near.example", near.mails[0].envelope.recipients[0].path.text().c_str());
  CHECK(has(near.mails[0].body, "Remote-MTA: dns;mx1.far.example"));
}

TEST(MailOutWays, NothingAnswersANullSender) {
  auto& far = out.server(kOne);
  far.unknown = {"bob@far.example"};
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  out.send("bob@far.example", "Subject: x\r\n", "");
  CHECK(out.world.run_until([&] { return out.world.counters.bounces_dropped == 1; }));
  LONGS_EQUAL(0, out.world.shard->spool().size());
}

TEST(MailOutWays, ASenderHearsOnceThatItTakesLonger) {
  auto settings = OutWorld::out_settings();
  settings.outbound.delay_notice = 5min;
  OutWorld slow(settings);
  slow.servers.at(kOne).refuse = "450";
  slow.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  slow.send("bob@far.example");
  slow.world.run_for(30min);
  LONGS_EQUAL(1, slow.world.office.mails.size());
  CHECK(has(slow.world.office.mails[0].body, "Action: delayed"));
  CHECK(has(slow.world.office.mails[0].body, "Will-Retry-Until:"));
  LONGS_EQUAL(1, slow.world.counters.delays_told);
}

TEST(MailOutWays, TlsRequiredNoPutsDeliveryFirst) {
  auto& mx = out.server(kOne);
  out.policies.publish(
      FactsMaker("far.example").host("mx1.far.example", {kOne}).tlsa(OutWorld::wrong_tlsa()));
  out.send("bob@far.example", "TLS-Required: No\r\nSubject: x\r\n");
  CHECK(out.arrives(mx));
  CHECK(out.sessions.at(0).tls_required_no);
}

TEST(MailOutWays, AReroutedMessageGoesWhereAPersonSaid) {
  auto& other = out.server(kTwo);
  out.policies.dead = true;
  out.send("bob@far.example");
  spool::MessageId id = 0;
  out.world.told.hear = [&](const shard::Outcome& outcome) { id = outcome.id; };
  CHECK(out.world.run_until([&] { return id != 0; }, 3min));
  out.world.run_for(1s);
  CHECK(out.world.shard->spool().reroute(id, "192.0.2.22:25", out.world.now));
  CHECK(out.arrives(other));
}

TEST(MailOutWays, NothingIsRelayedForStrangers) {
  auto settings = OutWorld::out_settings();
  settings.submission.networks.clear();
  OutWorld closed(settings);
  CHECK(has(closed.send("bob@far.example"), "550 5.7.1"));
}
