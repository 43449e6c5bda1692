// What a server must show before we believe it is the one we wanted.
#include <string>

#include "tests/firmware/tls/conversation.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

TEST_GROUP(Demand) {
  Counters counters;
  Counters client_counters;
  std::string failure;
  std::chrono::hours shift{0};

  bool meets(const Credential& credential, const ServerDemand& demand) {
    const auto core = make_core({credential}, counters);
    const auto client_core = make_core({}, client_counters, {.trust_anchors_pem = authority().pem()}, 1, 2);
    client_core->set_time(wall_now() + shift);
    Conversation talk;
    talk.client = client_core->connect(demand);
    talk.server = core->accept();
    const bool done = talk.handshake();
    failure = talk.client->facts().failure;
    const bool authenticated = talk.client->facts().authenticated;
    // Whoever is refused learns it by an alert, and no handshake is complete for him.
    if (!done) CHECK_TRUE(talk.server_status != Status::ok);
    if (done) CHECK_EQUAL(demand.kind != ServerDemand::Kind::unauthenticated, authenticated);
    return done;
  }
  ServerDemand web(const std::string& name) {
    return {.kind = ServerDemand::Kind::web_pki, .server_name = name};
  }
};

TEST(Demand, none_is_met_by_anyone_but_authenticates_nobody) {
  const Authority stranger;
  shift = std::chrono::hours(24 * 4000);
  CHECK_TRUE(meets(stranger.issue({"x.test"}, Key::rsa), {.server_name = "y.test"}));
}

TEST(Demand, a_pin_is_met_by_that_key_only_whatever_name_and_date) {
  const Authority stranger;
  const auto credential = stranger.issue({"x.test"}, Key::p256);
  ServerDemand demand{
      .kind = ServerDemand::Kind::pinned, .server_name = "y.test", .spki_sha256 = spki_sha256(credential)};
  shift = std::chrono::hours(24 * 4000);
  CHECK_TRUE(meets(credential, demand));
  demand.spki_sha256[7] ^= 1;
  CHECK_FALSE(meets(credential, demand));
  STRCMP_EQUAL("the server's key is not the pinned one", failure.c_str());
  CHECK_EQUAL(1, client_counters.failed_certificate);
}

TEST(Demand, web_pki_wants_a_known_authority) {
  const Authority stranger;
  CHECK_TRUE(meets(authority().issue({"x.test"}, Key::rsa), web("x.test")));
  CHECK_FALSE(meets(stranger.issue({"x.test"}, Key::rsa), web("x.test")));
  STRCMP_EQUAL("the certificate chain does not end at a trust anchor", failure.c_str());
}

TEST(Demand, web_pki_wants_the_name_in_the_alternatives) {
  CHECK_TRUE(meets(authority().issue({"x.test", "*.y.test"}, Key::p256), web("mail.y.test")));
  CHECK_FALSE(meets(authority().issue({"x.test", "*.y.test"}, Key::p256), web("y.test")));
  STRCMP_EQUAL("the certificate does not bear the server's name", failure.c_str());
}

TEST(Demand, web_pki_wants_valid_dates) {
  const auto credential = authority().issue({"x.test"}, Key::p256);
  shift = std::chrono::hours(24 * 400);
  CHECK_FALSE(meets(credential, web("x.test")));
  STRCMP_EQUAL("a certificate has expired", failure.c_str());
  shift = std::chrono::hours(-24 * 30);
  CHECK_FALSE(meets(credential, web("x.test")));
  STRCMP_EQUAL("a certificate is not valid yet", failure.c_str());
}

TEST(Demand, web_pki_wants_a_certificate_for_servers) {
  CHECK_FALSE(meets(authority().issue({"x.test"}, Key::p256, "extendedKeyUsage=clientAuth"), web("x.test")));
  STRCMP_EQUAL("the certificate is not for servers", failure.c_str());
  CHECK_TRUE(meets(authority().issue({"x.test"}, Key::p256, "extendedKeyUsage=serverAuth"), web("x.test")));
}

TEST(Demand, web_pki_walks_through_an_intermediate) {
  CHECK_TRUE(meets(authority().issue_below({"x.test"}, "basicConstraints=critical,CA:TRUE,pathlen:0"),
                   web("x.test")));
}

TEST(Demand, web_pki_refuses_an_intermediate_that_is_no_ca) {
  CHECK_FALSE(
      meets(authority().issue_below({"x.test"}, "basicConstraints=critical,CA:FALSE"), web("x.test")));
  STRCMP_EQUAL("a certificate in the chain is signed by one that is no CA", failure.c_str());
}

TEST(Demand, web_pki_refuses_a_chain_without_its_intermediate) {
  auto credential = authority().issue_below({"x.test"}, "basicConstraints=critical,CA:TRUE");
  credential.chain_pem.resize(credential.chain_pem.find("-----END") + 26);
  CHECK_FALSE(meets(credential, web("x.test")));
  STRCMP_EQUAL("the certificate chain does not end at a trust anchor", failure.c_str());
}

TEST(Demand, web_pki_refuses_an_intermediate_whose_constraints_exclude_the_name) {
  const std::string constraints = "nameConstraints=critical,permitted;DNS:other.test";
  const std::string ca = "basicConstraints=critical,CA:TRUE";
  CHECK_FALSE(meets(authority().issue_below({"x.test"}, ca + "\" -addext \"" + constraints), web("x.test")));
}

TEST(Demand, what_servers_send_is_not_kept) {
  const auto credential = authority().issue_below({"x.test"}, "basicConstraints=critical,CA:TRUE");
  const auto core = make_core({credential}, counters);
  const auto client_core = make_core({}, client_counters, {.trust_anchors_pem = authority().pem()}, 1, 2);
  client_core->enter_thread();
  std::size_t used = 0;
  for (int i = 0; i < 20; ++i) {
    Conversation talk;
    talk.client = client_core->connect(web("x.test"));
    talk.server = core->accept();
    CHECK_TRUE(talk.handshake());
    talk.client.reset();
    talk.server.reset();
    if (i == 1) used = client_core->arena_used();
  }
  CHECK_EQUAL(used, client_core->arena_used());
  Arena::enter_thread(nullptr);
}
