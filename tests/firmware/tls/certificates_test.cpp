// Which certificate answers, and what a core says of credentials it cannot use.
#include <string>
#include <vector>

#include "firmware/tls/certificate_der.hpp"
#include "firmware/tls/verify.hpp"
#include "tests/firmware/tls/conversation.hpp"
#include "tests/firmware/tls/openssl_peer.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

std::string fault_of(const std::vector<Credential>& credentials, const Settings& settings = {}) {
  Counters counters;
  const auto core = Core::create(settings, credentials, ticket_keys(1), seed(1), counters);
  return core ? std::string() : core.error().reason;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(Certificates) {
  Counters counters;
  Counters client_counters;
  std::unique_ptr<Core> core;

  // True where a client that asks for `name` and pins the credential's key is content.
  bool answers(const std::string& name, const Credential& credential) {
    const auto client_core = make_core({}, client_counters, {}, 1, 2);
    Conversation talk;
    talk.client = client_core->connect(
        {.kind = ServerDemand::Kind::pinned, .server_name = name, .spki_sha256 = spki_sha256(credential)});
    talk.server = core->accept();
    return talk.handshake() && talk.client->facts().authenticated;
  }
};

TEST(Certificates, exact_name_beats_wildcard_beats_default) {
  const auto fallback = authority().issue({}, Key::p256);
  const auto exact = authority().issue({"mail.one.test", "mx.one.test"}, Key::p256);
  const auto wildcard = authority().issue({"*.one.test"}, Key::p256);
  core = make_core({wildcard, exact, fallback}, counters);
  CHECK_TRUE(answers("mail.one.test", exact));
  CHECK_TRUE(answers("MX.One.Test", exact));
  CHECK_TRUE(answers("other.one.test", wildcard));
  CHECK_TRUE(answers("a.b.one.test", fallback));
  CHECK_TRUE(answers("one.test", fallback));
  CHECK_TRUE(answers("unknown.test", fallback));
  CHECK_TRUE(answers("", fallback));
  CHECK_EQUAL(4, counters.default_certificate);
}

TEST(Certificates, without_a_default_the_first_one_answers_for_unknown_names) {
  const auto only = authority().issue({"mail.one.test"}, Key::p256);
  core = make_core({only}, counters);
  CHECK_TRUE(answers("unknown.test", only));
}

TEST(Certificates, ecdsa_and_rsa_for_the_same_name_serve_side_by_side) {
  const auto ecdsa = authority().issue({"mail.one.test"}, Key::p256);
  const auto rsa = authority().issue({"mail.one.test"}, Key::rsa);
  core = make_core({rsa, ecdsa}, counters);
  CHECK_TRUE(answers("mail.one.test", ecdsa));
  const auto meeting = meet_client(*core, "-servername mail.one.test -sigalgs RSA-PSS+SHA256");
  CHECK_TRUE(meeting.handshake == Status::ok);
  CHECK_TRUE(meeting.prints("Peer signature type: RSA-PSS"));
}

TEST(Certificates, a_p384_key_serves_those_who_can_check_it) {
  const auto p384 = authority().issue({}, Key::p384);
  core = make_core({p384, authority().issue({}, Key::rsa)}, counters);
  CHECK_TRUE(answers("", p384));
  CHECK_TRUE(
      meet_client(*core, "-sigalgs ECDSA+SHA256:RSA-PSS+SHA256").prints("Peer signature type: RSA-PSS"));
  CHECK_TRUE(meet_client(*core, "-tls1_2 -groups P-256 -sigalgs ECDSA+SHA256:RSA+SHA256")
                 .prints("signature type: RSA"));
}

TEST(Certificates, a_thousand_names_cost_little_memory) {
  auto credential = authority().issue({"x.test"}, Key::p256);
  std::vector<Credential> many;
  for (int i = 0; i < 1000; ++i) {
    credential.names = {"mail" + std::to_string(i) + ".test"};
    many.push_back(credential);
  }
  core = make_core(many, counters);
  CHECK_TRUE(answers("mail999.test", credential));
  if (!kSanitizedHeap) CHECK_TRUE(core->arena_used() / 1000 < 8000);
}

TEST(Certificates, a_credential_that_cannot_be_used_is_named) {
  const auto good = authority().issue({"mail.one.test"}, Key::p256);
  auto bad = good;
  bad.key_pem = authority().issue({"mail.one.test"}, Key::p256).key_pem;
  CHECK_TRUE(mentions(fault_of({bad}), "mail.one.test"));
  CHECK_TRUE(mentions(fault_of({bad}), "does not belong"));
  bad = good;
  bad.chain_pem = "nonsense";
  CHECK_TRUE(mentions(fault_of({bad}), "not PEM"));
  bad = good;
  bad.key_pem = "nonsense";
  CHECK_TRUE(mentions(fault_of({bad}), "the key cannot be used"));
  bad = good;
  bad.key_pem = authority().issue({"mail.one.test"}, Key::rsa).key_pem;
  CHECK_FALSE(fault_of({bad}).empty());
  CHECK_TRUE(mentions(fault_of({}, {.trust_anchors_pem = "nonsense"}), "trust anchors"));
  CHECK_TRUE(fault_of({good}).empty());
}

TEST(Certificates, a_core_without_credentials_accepts_nobody) {
  core = make_core({}, counters);
  CHECK_TRUE(core->accept() == nullptr);
}

TEST_GROUP(NameMatch){};

TEST(NameMatch, is_exact_but_for_case_or_a_wildcard_of_one_whole_label) {
  CHECK_TRUE(name_matches("mail.example.com", "mail.example.com"));
  CHECK_TRUE(name_matches("MAIL.example.com", "mail.EXAMPLE.com."));
  CHECK_TRUE(name_matches("*.example.com", "mail.example.com"));
  CHECK_FALSE(name_matches("*.example.com", "example.com"));
  CHECK_FALSE(name_matches("*.example.com", "a.mail.example.com"));
  CHECK_FALSE(name_matches("*.example.com", ".example.com"));
  CHECK_FALSE(name_matches("m*.example.com", "mail.example.com"));
  CHECK_FALSE(name_matches("mail.*.com", "mail.example.com"));
  CHECK_FALSE(name_matches("*.com", "example.com"));
  CHECK_FALSE(name_matches("*", "com"));
  CHECK_FALSE(name_matches("mail.example.com", "mail.example.comx"));
  CHECK_FALSE(name_matches("", ""));
  CHECK_FALSE(name_matches(std::string_view("mail.example.com\0.evil.test", 27), "mail.example.com"));
}
