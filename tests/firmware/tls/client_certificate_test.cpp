// What the certificate of a client is worth, and that asking for one disturbs nobody who has none: against the
// openssl command. RFC 8446 §4.3.2, RFC 5246 §7.4.4 and §7.4.6.
#include <string>

#include "tests/firmware/tls/conversation.hpp"
#include "tests/firmware/tls/openssl_peer.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

constexpr const char* kVersions[] = {"-tls1_2", "-tls1_3"};

// The arguments with which openssl shows this certificate and its chain.
std::string showing(const Credential& credential) {
  const auto front = authority().directory() + "/client";
  write_file(front + ".pem", credential.chain_pem);
  write_file(front + ".key", credential.key_pem);
  return " -cert " + front + ".pem -cert_chain " + front + ".pem -key " + front + ".key ";
}

}  // namespace

TEST_GROUP(ClientCertificate) {
  Authority people{"People CA"};
  Counters counters;
  std::unique_ptr<Core> core = make_core({authority().issue({}, Key::p256)}, counters,
                                         {.client_anchors_pem = people.pem()});

  std::chrono::hours shift{0};

  // Whatever is shown, the handshake completes and text goes both ways.
  tls::ClientCertificate shown(const std::string& arguments) {
    core->set_time(wall_now() + shift);  // certificates are younger than the core
    const auto meeting = meet_client(*core, arguments, "hello", false, true);
    CHECK_TEXT(meeting.handshake == Status::ok, (arguments + ": " + meeting.failure).c_str());
    STRCMP_EQUAL("hello\n", meeting.received.c_str());
    CHECK_TRUE(meeting.prints("answer: hello"));
    return meeting.client;
  }
  void judged(const Credential& credential, Judgement judgement) {
    for (const auto* version : kVersions) {
      const auto client = shown(version + showing(credential));
      CHECK_TRUE(client.sent);
      LONGS_EQUAL_TEXT(static_cast<int>(judgement), static_cast<int>(client.verdict.judgement),
                       std::string(client.verdict.reason).c_str());
      CHECK_EQUAL(judgement == Judgement::met, client.verdict.reason.empty());
    }
  }
};

TEST(ClientCertificate, of_our_authority_is_good_and_names_its_holder) {
  for (const auto key : {Key::p256, Key::rsa}) {
    const auto credential = people.issue({"desk.example"}, key, "extendedKeyUsage=clientAuth");
    judged(credential, Judgement::met);
    const auto client = shown(showing(credential));
    STRCMP_EQUAL("desk.example", client.identity.c_str());
    CHECK_TRUE(client.spki_sha256 == spki_sha256(credential));
  }
  CHECK_EQUAL(6, counters.client_certificates);
}

TEST(ClientCertificate, names_the_mailbox_before_the_host) {
  const auto credential =
      people.issue({"desk.example,email:ann@example.org"}, Key::p256, "extendedKeyUsage=clientAuth");
  STRCMP_EQUAL("ann@example.org", shown(showing(credential)).identity.c_str());
}

TEST(ClientCertificate, of_another_authority_is_told_apart) {
  const Authority stranger;
  judged(stranger.issue({"desk.example"}, Key::p256), Judgement::not_trusted);
}

TEST(ClientCertificate, of_the_servers_own_authority_proves_nothing) {
  judged(authority().issue({"desk.example"}, Key::p256), Judgement::not_trusted);
}

TEST(ClientCertificate, out_of_date_is_told_apart) {
  shift = std::chrono::hours(24 * 4000);
  judged(people.issue({"desk.example"}, Key::p256), Judgement::expired);
}

TEST(ClientCertificate, for_servers_only_does_not_count) {
  judged(people.issue({"desk.example"}, Key::p256, "extendedKeyUsage=serverAuth"), Judgement::invalid);
}

TEST(ClientCertificate, whose_key_may_not_sign_does_not_count) {
  judged(people.issue({"desk.example"}, Key::p256, "keyUsage=keyAgreement"), Judgement::invalid);
}

TEST(ClientCertificate, walks_through_an_intermediate_and_keeps_to_its_constraints) {
  judged(people.issue_below({"desk.example"}, "basicConstraints=critical,CA:TRUE"), Judgement::met);
  judged(people.issue_below({"desk.example"}, "basicConstraints=critical,CA:FALSE"), Judgement::invalid);
  judged(people.issue_below({"desk.example"}, "nameConstraints=critical,permitted;email:example.org"),
         Judgement::invalid);
}

TEST(ClientCertificate, none_is_no_fault) {
  for (const auto* version : kVersions) CHECK_FALSE(shown(version).sent);
  CHECK_EQUAL(0, counters.client_certificates);
}

TEST(ClientCertificate, is_not_asked_for_where_nobody_wants_one) {
  const auto credential = people.issue({"desk.example"}, Key::p256);
  for (const auto* version : kVersions) {
    const auto meeting = meet_client(*core, version + showing(credential));
    CHECK_TRUE(meeting.handshake == Status::ok);
    CHECK_FALSE(meeting.client.sent);
  }
}

TEST(ClientCertificate, without_an_authority_of_ours_is_still_told_for_pins) {
  core = make_core({authority().issue({}, Key::p256)}, counters);
  const auto credential = people.issue({"desk.example"}, Key::p256);
  judged(credential, Judgement::not_trusted);
  CHECK_TRUE(shown(showing(credential)).spki_sha256 == spki_sha256(credential));
}

// A ticket would bring a session back without its certificate.
TEST(ClientCertificate, is_asked_for_anew_in_every_session) {
  const auto file = authority().directory() + "/client-ticket";
  const auto credential = people.issue({"desk.example"}, Key::p256);
  for (const auto* version : kVersions) {
    core->set_time(wall_now());
    // A ticket of a session without the question.
    meet_client(*core, std::string(version) + " -sess_out " + file);
    const auto again =
        meet_client(*core, version + showing(credential) + " -sess_in " + file, "hello", false, true);
    CHECK_TRUE(again.handshake == Status::ok);
    CHECK_FALSE(again.resumed);
    CHECK_TRUE(again.client.verdict.judgement == Judgement::met);
  }
  CHECK_EQUAL(0, counters.server_handshakes_resumed);
}

TEST(ClientCertificate, leaves_no_memory_behind) {
  const auto credential = people.issue_below({"desk.example"}, "basicConstraints=critical,CA:TRUE");
  shown(showing(credential));
  const auto before = core->arena_used();
  for (int i = 0; i < 5; ++i) shown(showing(credential));
  CHECK_TRUE(core->arena_used() <= before + 1024);
}
