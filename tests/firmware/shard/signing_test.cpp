// Mail of those who may send to anybody is signed; the signature is stored behind the message and goes in
// front.
#include <deque>
#include <memory>
#include <string>

#include "tests/firmware/shard/out_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using test::FactsMaker;
using test::OutWorld;

namespace {

// Signs when told, as the mail signer's thread would.
class LateSigner final : public shard::SignatureSource {
 public:
  explicit LateSigner(const std::string& pem) : key_(std::move(*dkim::Key::from_pem(pem))) {}
  bool ask(shard::SignatureTicket ticket, std::size_t key, const dkim::Digest& digest) override {
    if (full) return false;
    asked.push_back({ticket, key, digest});
    return true;
  }
  bool ready(shard::SignatureTicket& ticket, dkim::Signature& signature) override {
    if (!answers || asked.empty()) return false;
    ticket = asked.front().ticket;
    signature = broken ? dkim::Signature() : *key_.sign(asked.front().digest);
    asked.pop_front();
    return true;
  }

  struct Asked {
    shard::SignatureTicket ticket;
    std::size_t key;
    dkim::Digest digest;
  };
  std::deque<Asked> asked;
  bool full = false;
  bool answers = false;
  bool broken = false;

 private:
  dkim::Key key_;
};

std::string rsa_pem() {
  static const auto pem =
      tls::test::output_of("openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 2>/dev/null");
  return pem;
}

shard::SigningKey key() {
  return {"example.org", "s1", tls::test::output_of("openssl genpkey -algorithm ed25519")};
}

}  // namespace

TEST_GROUP(Signing){};

TEST_GROUP(SigningElsewhere) {
  static constexpr const char* kHeader = "From: ann@example.org\r\nSubject: x\r\n";
  LateSigner signer{rsa_pem()};
  OutWorld out{OutWorld::out_settings(),
               nullptr,
               {key(), {"example.org", "s2", rsa_pem()}, {"gateway.example", "s3", rsa_pem()}},
               &signer};
  test::MailServer* mx = nullptr;

  void setup() override {
    mx = &out.servers.at("192.0.2.21");
    mx->settings.served_domains = {"far.example"};
    out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {"192.0.2.21"}));
  }
  // A talker that has handed its message over.
  std::unique_ptr<test::Talker> hand_over(const std::string& to = "bob@far.example") {
    auto talker = out.world.connect();
    talker->say("EHLO office.example\r\nMAIL FROM:<ann@example.org>\r\nRCPT TO:<" + to + ">\r\nDATA\r\n" +
                kHeader + "\r\nhello\r\n.\r\n");
    CHECK(out.world.run_until([&] { return signer.full || !signer.asked.empty(); }));
    out.world.run_for(2s);
    return talker;
  }
  static bool taken(const test::Talker& talker) {
    return test::has(talker.heard, "\r\n250 2.6.0 queued as");
  }
};

TEST(Signing, TheSignatureGoesInFrontAndTheMessageStaysAsItIs) {
  OutWorld out(OutWorld::out_settings(), nullptr, {key()});
  auto& mx = out.servers.at("192.0.2.21");
  mx.settings.served_domains = {"far.example"};
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {"192.0.2.21"}));
  out.send("bob@far.example", "From: ann@example.org\r\nSubject: x\r\n");
  CHECK(out.world.run_until([&] { return !mx.mails.empty(); }));
  const auto& body = mx.mails[0].body;
  CHECK(body.starts_with("DKIM-Signature: v=1;"));
  CHECK(body.ends_with("\r\nFrom: ann@example.org\r\nSubject: x\r\n\r\nhello\r\n"));
  CHECK(body.find("Received: from") != std::string::npos);
}

TEST(Signing, NobodySignsForAnAuthorOfAnotherDomain) {
  OutWorld out(OutWorld::out_settings(), nullptr, {key()});
  auto& mx = out.servers.at("192.0.2.21");
  mx.settings.served_domains = {"far.example"};
  out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {"192.0.2.21"}));
  out.send("bob@far.example", "From: ann@elsewhere.example\r\nSubject: x\r\n");
  CHECK(out.world.run_until([&] { return !mx.mails.empty(); }));
  CHECK(mx.mails[0].body.starts_with("Received:"));
}

TEST(SigningElsewhere, TheMessageWaitsForItsSignatureAndTheCoreDoesNot) {
  const auto talker = hand_over();
  LONGS_EQUAL(1, signer.asked.size());
  LONGS_EQUAL(1, signer.asked.front().key);
  CHECK_FALSE(taken(*talker));
  auto other = out.world.connect();
  other->say("EHLO other.example\r\n");
  CHECK(out.world.run_until([&] { return test::has(other->heard, "250"); }));
  signer.answers = true;
  CHECK(out.world.run_until([&] { return taken(*talker) && !mx->mails.empty(); }));
  const auto& body = mx->mails[0].body;
  CHECK(body.starts_with("DKIM-Signature: v=1; a=ed25519-sha256;"));
  CHECK(test::has(body, "DKIM-Signature: v=1; a=rsa-sha256;"));
  CHECK(body.ends_with("\r\nhello\r\n"));
  out.world.talkers.clear();
}

TEST(SigningElsewhere, AFullSignerIsAskedAgain) {
  signer.full = true;
  const auto talker = hand_over();
  CHECK_FALSE(taken(*talker));
  signer.full = false;
  signer.answers = true;
  CHECK(out.world.run_until([&] { return !mx->mails.empty(); }));
  CHECK(mx->mails[0].body.starts_with("DKIM-Signature:"));
  out.world.talkers.clear();
}

TEST(SigningElsewhere, WhatIsNotSignedInTimeOrCannotBeGoesUnsigned) {
  const auto late = hand_over();
  CHECK(out.world.run_until([&] { return mx->mails.size() == 1; }, 60s));
  CHECK(mx->mails[0].body.starts_with("Received:"));
  signer.answers = signer.broken = true;
  out.send("bob@far.example", kHeader);
  CHECK(out.world.run_until([&] { return mx->mails.size() == 2; }));
  CHECK(mx->mails[1].body.starts_with("Received:"));
  LONGS_EQUAL(2, out.world.counters.signing_failed);
  out.world.talkers.clear();
}

TEST(SigningElsewhere, ASessionThatEndsMeanwhileLeavesNothingBehind) {
  const auto talker = hand_over();
  out.world.internet.tcp.abort(talker->id, out.world.now.instant);
  out.world.run_for(1s);
  signer.answers = true;
  out.world.run_for(5s);
  LONGS_EQUAL(0, out.world.counters.sessions_in_open);
  LONGS_EQUAL(0, out.world.shard->spool().size());
  CHECK(mx->mails.empty());
  out.world.talkers.clear();
}

TEST(SigningElsewhere, ABounceIsSignedToo) {
  mx->unknown = {"nobody@far.example"};
  signer.answers = true;
  out.send("nobody@far.example", kHeader);
  CHECK(out.world.run_until([&] { return !out.world.office.mails.empty(); }));
  const auto& bounce = out.world.office.mails[0].body;
  CHECK(bounce.starts_with("DKIM-Signature: v=1; a=rsa-sha256;"));
  CHECK(test::has(bounce, "s=s3;") && test::has(bounce, "d=gateway.example;"));
}
