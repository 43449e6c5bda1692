// Mail that the box writes itself goes into the queue: signed, marked, durable before it is said to be.
#include <optional>
#include <string>
#include <utility>

#include "tests/firmware/shard/out_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using test::FactsMaker;
using test::OutWorld;
using Kind = shard::Injected::Kind;

namespace {

const std::string kReport =
    "From: reports@example.org\r\nTLS-Report-Domain: far.example\r\nTLS-Required: No\r\nSubject: Report\r\n"
    "\r\nwell\r\n";

}  // namespace

TEST_GROUP(Injections) {
  static shard::SigningKey key(const char* selector, bool reports_only) {
    return {"example.org", selector, tls::test::output_of("openssl genpkey -algorithm ed25519"),
            reports_only};
  }
  OutWorld out{OutWorld::out_settings(), nullptr, {key("all", false), key("reports", true)}};
  shard::Injection injection;
  std::string text;  // of it

  void setup() override {
    injection.ticket = 7;
    injection.envelope.sender = *mail::parse_path("reports@example.org", false);
    injection.envelope.recipients.push_back({*mail::parse_path("tls@far.example", false)});
  }
  test::MailServer& server() {
    auto& mx = out.servers.at("192.0.2.21");
    mx.settings.served_domains = {"far.example"};
    out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {"192.0.2.21"}));
    return mx;
  }
  void inject(std::string message) {
    text = std::move(message);
    injection.message = as_bytes(text);
    out.world.shard->inject(injection);
  }
  std::optional<shard::Injected> answer() {
    shard::Injected got;
    const bool came = out.world.run_until([&] { return out.world.shard->next_injected(got); }, 5s);
    return came ? std::optional(got) : std::nullopt;
  }
};

TEST(Injections, AReportIsStoredAnsweredAndSentSignedByTheKeyForReports) {
  auto& mx = server();
  inject(kReport);
  const auto got = answer();
  CHECK(got.has_value());
  LONGS_EQUAL(7, got->ticket);
  CHECK(got->kind == Kind::stored);
  CHECK(out.told("accepted tls@far.example"));
  CHECK(out.world.run_until([&] { return !mx.mails.empty(); }));
  const auto& mail = mx.mails[0];
  STRCMP_EQUAL("reports@example.org", mail.envelope.sender.text().c_str());
  CHECK(mail.body.starts_with("DKIM-Signature: v=1;"));
  CHECK(mail.body.find("s=reports") != std::string::npos);
  CHECK(mail.body.ends_with("\r\n" + kReport));
}

TEST(Injections, SessionsForAReportAreToldAsThoseOfAReport) {
  server();
  bool seen = false;
  bool is_report = false;
  out.world.told.hear = [&](const shard::Outcome& outcome) {
    if (outcome.kind != shard::Outcome::Kind::session) return;
    seen = true;
    is_report = outcome.session.is_report && outcome.session.tls_required_no;
  };
  inject(kReport);
  CHECK(out.world.run_until([&] { return seen; }));
  CHECK(is_report);
}

TEST(Injections, NothingIsAnsweredBeforeTheDiskHasIt) {
  out.world.disk.stuck = true;
  inject(kReport);
  CHECK(!answer().has_value());
  out.world.disk.stuck = false;
  CHECK(answer()->kind == Kind::stored);
}

TEST(Injections, WhatWasAnsweredStoredIsThereAfterACrash) {
  inject(kReport);
  CHECK(answer()->kind == Kind::stored);
  out.world.crash();
  LONGS_EQUAL(1, out.world.shard->spool().size());
}

TEST(Injections, ALongOneGoesInByPieces) {
  auto& mx = server();
  std::string message = kReport;
  while (message.size() < (1u << 20)) message += "0123456789abcdefghijklmnopqrstuvwxyz\r\n";
  inject(message);
  CHECK(answer()->kind == Kind::stored);
  CHECK(out.world.run_until([&] { return !mx.mails.empty(); }, 120s));
  CHECK(mx.mails[0].body.ends_with("\r\n" + message));
}

TEST(Injections, WhatCouldBeReadAsAnEndOfTheMessageIsRefusedForGood) {
  inject("From: reports@example.org\r\n\r\nx\n.\r\n");
  const auto got = answer();
  CHECK(got->kind == Kind::never);
  STRCMP_EQUAL("it has an LF without CR", got->why);
  LONGS_EQUAL(0, out.world.shard->spool().size());
}

TEST(Injections, AFullDiskAsksToComeLater) {
  out.world.disk.full = true;
  inject(kReport);
  CHECK(answer()->kind == Kind::later);
}
