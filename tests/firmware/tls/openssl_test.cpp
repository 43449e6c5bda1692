// Sessions against the openssl command: versions, suites, groups, certificates, tickets.
#include <string>
#include <vector>

#include "firmware/tls/ciphers.hpp"
#include "tests/firmware/tls/conversation.hpp"
#include "tests/firmware/tls/openssl_peer.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

const Credential& ecdsa() {
  static const Credential made = authority().issue({}, Key::p256);
  return made;
}
const Credential& rsa() {
  static const Credential made = authority().issue({}, Key::rsa);
  return made;
}

std::string ca_file() {
  const auto path = authority().directory() + "/trust.pem";
  write_file(path, authority().pem());
  return path;
}

}  // namespace

TEST_GROUP(OpensslClient) {
  Counters counters;
  std::unique_ptr<Core> core = make_core({ecdsa(), rsa()}, counters);

  // Both ends agree, or the test says why not.
  Meeting meet(const std::string& arguments) {
    auto meeting = meet_client(*core, arguments);
    if (meeting.handshake == Status::ok) {
      STRCMP_EQUAL("hello\n", meeting.received.c_str());
      CHECK_TRUE(meeting.prints("answer: hello"));
    }
    return meeting;
  }
  void refuses(const std::string& arguments) {
    const auto meeting = meet_client(*core, arguments);
    if (meeting.handshake != Status::failed) FAIL(("accepted: " + arguments).c_str());
    CHECK_FALSE(meeting.failure.empty());
  }
};

TEST(OpensslClient, gets_tls13_and_ecdsa_by_default) {
  const auto meeting = meet("-CAfile " + ca_file() + " -verify_return_error -servername default.test");
  CHECK_TRUE(meeting.handshake == Status::ok);
  STRCMP_EQUAL("TLSv1.3", meeting.version.c_str());
  CHECK_TRUE(meeting.prints("Peer signature type: ECDSA"));
  CHECK_TRUE(meeting.prints("Verification: OK"));
}

TEST(OpensslClient, gets_every_suite_of_ours_and_its_name_is_right) {
  for (const auto& suite : kSuites) {
    const std::string name(suite.iana_name);
    const bool is_13 = suite.id >> 8 == 0x13;
    std::string openssl_name(suite.library_name);
    const auto meeting = meet(is_13 ? "-tls1_3 -ciphersuites " + name : "-tls1_2 -cipher " + openssl_name);
    STRCMP_EQUAL(name.c_str(), meeting.cipher.c_str());
    STRCMP_EQUAL(is_13 ? "TLSv1.3" : "TLSv1.2", meeting.version.c_str());
  }
}

TEST(OpensslClient, is_refused_every_other_suite) {
  std::string ours;
  for (const auto& suite : kSuites) ours += ":!" + std::string(suite.library_name);
  refuses("-tls1_2 -cipher 'ALL:COMPLEMENTOFALL:@SECLEVEL=0" + ours + "'");
  CHECK_EQUAL(1, counters.failed_no_common_suite);
  refuses("-tls1_2 -cipher 'AES128-GCM-SHA256:@SECLEVEL=0'");
  refuses("-tls1_2 -cipher 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0'");
  refuses("-tls1_2 -cipher 'ECDHE-RSA-AES128-SHA:@SECLEVEL=0'");
  refuses("-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256");
}

TEST(OpensslClient, is_refused_older_versions) {
  refuses("-tls1_1 -cipher 'ALL:@SECLEVEL=0'");
  refuses("-tls1 -cipher 'ALL:@SECLEVEL=0'");
  CHECK_EQUAL(2, counters.failed_version);
}

TEST(OpensslClient, gets_our_groups_and_no_others) {
  for (const auto* version : {"-tls1_2", "-tls1_3"}) {
    for (const auto* group : {"P-256", "X25519", "P-384"}) {
      const auto meeting =
          meet(std::string(version) + " -groups " + group + " -sigalgs RSA-PSS+SHA256:RSA+SHA256");
      if (meeting.handshake != Status::ok)
        FAIL((std::string(version) + group + ": " + meeting.failure).c_str());
    }
    for (const auto* group : {"P-521", "X448"}) {
      refuses(std::string(version) + " -groups " + group + " -sigalgs RSA-PSS+SHA256:RSA+SHA256");
    }
  }
}

TEST(OpensslClient, without_our_group_in_its_first_message_is_asked_again) {
  CHECK_TRUE(meet("-tls1_3 -groups X448:P-384:P-256").handshake == Status::ok);
}

TEST(OpensslClient, that_knows_only_rsa_gets_the_rsa_certificate) {
  auto meeting = meet("-tls1_3 -sigalgs RSA-PSS+SHA256");
  CHECK_TRUE(meeting.prints("Peer signature type: RSA-PSS"));
  meeting = meet("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384");
  CHECK_TRUE(meeting.handshake == Status::ok);
  meeting = meet("-tls1_2 -sigalgs RSA+SHA256");
  CHECK_TRUE(meeting.prints("Peer signature type: RSA"));
  CHECK_EQUAL(3, counters.rsa_chosen);
}

TEST(OpensslClient, that_knows_only_sha1_or_sha224_signatures_is_refused) {
  refuses("-tls1_2 -sigalgs RSA+SHA1:ECDSA+SHA1 -cipher 'ALL:@SECLEVEL=0'");
  refuses("-tls1_2 -sigalgs RSA+SHA224:ECDSA+SHA224 -cipher 'ALL:@SECLEVEL=0'");
}

TEST(OpensslClient, gets_the_extended_master_secret_and_no_renegotiation_or_compression) {
  const auto meeting = meet("-tls1_2");
  CHECK_TRUE(meeting.prints("Extended master secret: yes"));
  CHECK_TRUE(meeting.prints("Compression: NONE"));
}

TEST(OpensslClient, that_asks_for_renegotiation_is_sent_away) {
  const auto meeting = meet_client(*core, "-tls1_2", "R", true);
  CHECK_TRUE(meeting.handshake == Status::ok);
  CHECK_TRUE(meeting.prints("RENEGOTIATING"));
  CHECK_TRUE(meeting.received.empty());
  CHECK_FALSE(meeting.failure.empty());
  CHECK_FALSE(meeting.prints("answer:"));
}

TEST(OpensslClient, resumes_from_a_ticket_on_tls12_and_tls13) {
  for (const auto* version : {"-tls1_2", "-tls1_3"}) {
    const auto file = authority().directory() + "/ticket";
    const auto first = meet(std::string(version) + " -servername a.test -sess_out " + file);
    CHECK_FALSE(first.resumed);
    const auto second = meet(std::string(version) + " -servername a.test -sess_in " + file);
    CHECK_TRUE(second.handshake == Status::ok);
    CHECK_TRUE(second.resumed);
    CHECK_TRUE(second.prints("Reused, TLS"));
  }
  CHECK_EQUAL(2, counters.server_handshakes_resumed);
  CHECK_EQUAL(2, counters.tickets_opened);
}

TEST(OpensslClient, resumes_at_another_core_with_the_same_keys) {
  const auto file = authority().directory() + "/ticket";
  for (const auto* version : {"-tls1_2", "-tls1_3"}) {
    meet(std::string(version) + " -sess_out " + file);
    Counters other_counters;
    const auto other = make_core({ecdsa(), rsa()}, other_counters, {}, 1, 9);
    CHECK_TRUE(meet_client(*other, std::string(version) + " -sess_in " + file).resumed);
  }
}

TEST(OpensslClient, starts_afresh_where_the_ticket_is_not_good) {
  const auto file = authority().directory() + "/ticket";
  for (const auto* version : {"-tls1_2", "-tls1_3"}) {
    const auto with = [&](const std::string& name) {
      return meet(std::string(version) + " -servername " + name + " -sess_in " + file);
    };
    core->set_time(wall_now());
    meet(std::string(version) + " -servername a.test -sess_out " + file);
    // Another name. RFC 6066 §3.
    auto meeting = with("b.test");
    CHECK_TRUE(meeting.handshake == Status::ok);
    CHECK_FALSE(meeting.resumed);
    // Too old.
    core->set_time(wall_now() + 13h);
    meeting = with("a.test");
    CHECK_TRUE(meeting.handshake == Status::ok);
    CHECK_FALSE(meeting.resumed);
    // Keys gone.
    core->set_time(wall_now());
    core->set_ticket_keys(ticket_keys(77));
    meeting = with("a.test");
    CHECK_TRUE(meeting.handshake == Status::ok);
    CHECK_FALSE(meeting.resumed);
    core->set_ticket_keys(ticket_keys(1));
  }
  CHECK_EQUAL(2, counters.tickets_refused);
  CHECK_EQUAL(2, counters.tickets_unknown_key);
  CHECK_TRUE(counters.tickets_expired > 0);
}

TEST(OpensslClient, resumes_after_a_rotation_with_the_previous_key) {
  const auto file = authority().directory() + "/ticket";
  meet("-sess_out " + file);
  auto keys = ticket_keys(50);
  keys.keys[1] = ticket_keys(1).keys[0];
  core->set_ticket_keys(keys);
  CHECK_TRUE(meet("-sess_in " + file).resumed);
}

TEST_GROUP(OpensslServer) {
  Counters counters;
  std::string files = write_pair();

  std::string write_pair() {
    const auto credential = authority().issue({"mail.example.test"}, Key::p256);
    const auto base = authority().directory() + "/server";
    write_file(base + ".pem", credential.chain_pem);
    write_file(base + ".key", credential.key_pem);
    return "-cert " + base + ".pem -key " + base + ".key";
  }
  Meeting meet(const ServerDemand& demand, const std::string& arguments) {
    const auto core = make_core({}, counters, {.trust_anchors_pem = authority().pem()});
    return meet_server(*core, demand, files + " " + arguments);
  }
};

TEST(OpensslServer, is_spoken_to_in_both_versions) {
  for (const auto* version : {"-tls1_2", "-tls1_3"}) {
    const auto meeting = meet({.server_name = "mail.example.test"}, version);
    CHECK_TRUE(meeting.handshake == Status::ok);
    STRCMP_EQUAL("olleh\n", meeting.received.c_str());
    CHECK_FALSE(meeting.authenticated);
  }
}

TEST(OpensslServer, is_offered_only_our_suites) {
  CHECK_TRUE(meet({}, "-tls1_2 -cipher 'AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'").handshake ==
             Status::failed);
  CHECK_EQUAL(1, counters.failed_alert_received);
  CHECK_TRUE(meet({}, "-tls1_1 -cipher 'ALL:@SECLEVEL=0'").handshake == Status::failed);
}

TEST(OpensslServer, with_a_certificate_of_a_known_authority_is_authenticated) {
  const auto meeting = meet({.kind = ServerDemand::Kind::web_pki, .server_name = "mail.example.test"}, "");
  STRCMP_EQUAL("", meeting.failure.c_str());
  CHECK_TRUE(meeting.handshake == Status::ok);
  CHECK_TRUE(meeting.authenticated);
}

TEST(OpensslServer, with_another_name_is_refused) {
  const auto meeting = meet({.kind = ServerDemand::Kind::web_pki, .server_name = "other.example.test"}, "");
  CHECK_TRUE(meeting.handshake == Status::failed);
  STRCMP_EQUAL("the certificate does not bear the server's name", meeting.failure.c_str());
  CHECK_EQUAL(1, counters.failed_certificate);
}
