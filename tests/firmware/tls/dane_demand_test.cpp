// TLSA records and the web PKI as demands of real handshakes.
#include <string>

#include "tests/firmware/tls/conversation.hpp"
#include "tests/firmware/tls/test_pki.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

TEST_GROUP(DaneDemand) {
  Counters counters;
  Counters client_counters;
  SessionFacts facts;  // its texts are gone with the session, but for those copied here
  std::string failure;
  std::string server_name;
  std::size_t kept = 0;

  static Der der_of(const Credential& credential) {
    const auto file = authority().directory() + "/der.pem";
    write_file(file, credential.chain_pem);
    const auto text = output_of("openssl x509 -outform DER -in " + file);
    return {text.begin(), text.end()};
  }
  bool meets(const Credential& credential, const ServerDemand& demand) {
    const auto core = make_core({credential}, counters);
    const auto client_core = make_core({}, client_counters, {.trust_anchors_pem = authority().pem()}, 1, 2);
    Conversation talk;
    talk.client = client_core->connect(demand);
    talk.server = core->accept();
    const bool done = talk.handshake();
    facts = talk.client->facts();
    failure = facts.failure;
    server_name = facts.server_name;
    kept = talk.client->peer_chain().size();
    if (!done) CHECK_TRUE(talk.server_status != Status::ok);
    if (done) CHECK_EQUAL(demand.kind != ServerDemand::Kind::unauthenticated, facts.authenticated);
    return done;
  }
  ServerDemand demand(ServerDemand::Kind kind, const std::vector<TlsaRecord>& tlsa) {
    return {.kind = kind, .server_name = "mx.test", .tlsa = tlsa, .tlsa_names = {"mx.test"}};
  }
};

using Kind = ServerDemand::Kind;

TEST(DaneDemand, the_right_key_is_let_in_and_the_wrong_one_is_not) {
  const Authority stranger;
  const auto credential = stranger.issue({"elsewhere.test"}, Key::p256);
  const auto other = stranger.issue({"elsewhere.test"}, Key::p256);
  CHECK_TRUE(meets(credential, demand(Kind::dane, {record(3, 1, 1, der_of(credential))})));
  CHECK_TRUE(facts.dane.judgement == Judgement::met);
  CHECK_FALSE(meets(credential, demand(Kind::dane, {record(3, 1, 1, der_of(other))})));
  CHECK_TRUE(facts.dane.judgement == Judgement::no_match);
  STRCMP_EQUAL("no TLSA record matches the server's certificate", failure.c_str());
  CHECK_EQUAL(1, client_counters.failed_certificate);
}

TEST(DaneDemand, without_records_nobody_is_let_in) {
  CHECK_FALSE(meets(authority().issue({"mx.test"}, Key::p256), demand(Kind::dane, {})));
}

TEST(DaneDemand, rsa_and_p384_keys_match_as_well) {
  const Authority stranger;
  for (const auto key : {Key::rsa, Key::p384}) {
    const auto credential = stranger.issue({"mx.test"}, key);
    CHECK_TRUE(meets(credential, demand(Kind::dane, {record(3, 1, 2, der_of(credential))})));
  }
}

TEST(DaneDemand, both_means_both) {
  const Authority stranger;
  const auto trusted = authority().issue({"mx.test"}, Key::p256);
  const auto strange = stranger.issue({"mx.test"}, Key::p256);
  CHECK_TRUE(meets(trusted, demand(Kind::dane_and_web_pki, {record(3, 1, 1, der_of(trusted))})));
  // DANE alone.
  CHECK_FALSE(meets(strange, demand(Kind::dane_and_web_pki, {record(3, 1, 1, der_of(strange))})));
  CHECK_TRUE(facts.dane.judgement == Judgement::met);
  CHECK_TRUE(facts.web_pki.judgement == Judgement::not_trusted);
  STRCMP_EQUAL("the certificate chain does not end at a trust anchor", failure.c_str());
  // The web PKI alone.
  CHECK_FALSE(meets(trusted, demand(Kind::dane_and_web_pki, {record(3, 1, 1, der_of(strange))})));
  CHECK_TRUE(facts.dane.judgement == Judgement::no_match);
  CHECK_TRUE(facts.web_pki.judgement == Judgement::met);
}

TEST(DaneDemand, the_web_pki_may_want_another_name_than_was_asked_for) {
  const auto credential = authority().issue({"mx.test"}, Key::p256);
  auto wanted = demand(Kind::dane_and_web_pki, {record(3, 1, 1, der_of(credential))});
  wanted.server_name = "alias.test";
  wanted.web_pki_name = "mx.test";
  CHECK_TRUE(meets(credential, wanted));
  STRCMP_EQUAL("alias.test", server_name.c_str());
  wanted.web_pki_name = "other.test";
  CHECK_FALSE(meets(credential, wanted));
  CHECK_TRUE(facts.web_pki.judgement == Judgement::name_mismatch);
}

TEST(DaneDemand, what_is_only_judged_keeps_nobody_out) {
  const Authority stranger;
  const auto credential = stranger.issue({"mx.test"}, Key::p256);
  auto wanted =
      demand(Kind::unauthenticated, {record(3, 1, 1, der_of(authority().issue({"a.test"}, Key::p256)))});
  wanted.also_judge_dane = wanted.also_judge_web_pki = wanted.keep_chain = true;
  CHECK_TRUE(meets(credential, wanted));
  CHECK_FALSE(facts.authenticated);
  CHECK_TRUE(facts.dane.judgement == Judgement::no_match);
  CHECK_TRUE(facts.web_pki.judgement == Judgement::not_trusted);
  CHECK_EQUAL(1, kept);
}

TEST(DaneDemand, an_anchor_only_in_the_record_is_enough_and_a_wrong_name_is_not) {
  const Authority own;
  const auto file = own.directory() + "/ca.pem";
  const auto text = output_of("openssl x509 -outform DER -in " + file);
  const Der root(text.begin(), text.end());
  for (std::uint8_t selector = 0; selector < 2; ++selector) {
    CHECK_TRUE(meets(own.issue({"mx.test"}, Key::p256), demand(Kind::dane, {record(2, selector, 0, root)})));
    CHECK_FALSE(
        meets(own.issue({"other.test"}, Key::p256), demand(Kind::dane, {record(2, selector, 0, root)})));
    CHECK_TRUE(facts.dane.judgement == Judgement::name_mismatch);
  }
}
