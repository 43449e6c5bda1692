// What senders ask for: REQUIRETLS, logins, signatures, no trace of their device. RFC 8689, RFC 4954, RFC
// 6376.
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

// Says what it was told to, later.
class Logins final : public shard::LoginSource {
 public:
  bool ask(shard::LoginTicket ticket, const smtp::Login& login) override {
    if (full) return false;
    users.push_back(login.user + " " + login.password);
    if (!silent) tickets.push_back(ticket);
    return true;
  }
  bool ready(shard::LoginTicket& ticket, smtp::LoginAnswer& answer) override {
    if (tickets.empty()) return false;
    ticket = tickets.front();
    tickets.erase(tickets.begin());
    answer = right ? smtp::LoginAnswer::right : smtp::LoginAnswer::wrong;
    return true;
  }
  bool right = true;
  bool full = false;
  bool silent = false;
  std::vector<std::string> users;
  std::vector<shard::LoginTicket> tickets;
};

shard::Settings people() {
  auto settings = OutWorld::out_settings();
  settings.submission.networks.clear();
  settings.submission.ports = {587};
  settings.submission.logins = true;
  settings.submission.failures = 2;
  return settings;
}

}  // namespace

TEST_GROUP(MailOutWishes) {
  Logins logins;
  OutWorld out{people(), &logins};

  test::MailServer& server(const char* address, bool requiretls) {
    auto& made = out.servers.at(address);
    made.settings.served_domains = {"far.example"};
    made.tls = out.server_tls();
    made.requiretls = requiretls;
    return made;
  }
  // A person's laptop sends by port 465; "AGFubgBzZWNyZXQ=" is ann with the password secret.
  std::string send(const std::string& parameters = {}, const std::string& from = "ann@example.org") {
    auto talker = out.world.connect_tls();
    talker->say("EHLO laptop.home\r\nAUTH PLAIN AGFubgBzZWNyZXQ=\r\n");
    out.world.run_until([&] {
      return talker->ended || has(talker->heard, "235 ") || has(talker->heard, "535 ") ||
             has(talker->heard, "454 ");
    });
    talker->say("MAIL FROM:<" + from + ">" + parameters +
                "\r\nRCPT TO:<bob@far.example>\r\nDATA\r\nFrom: ann@example.org\r\nSubject: "
                "x\r\n\r\nhello\r\n.\r\nQUIT\r\n");
    out.world.run_until([&] { return talker->ended; });
    out.world.talkers.clear();
    return talker->heard;
  }
  bool arrives(const test::MailServer& at) {
    return out.world.run_until([&] { return !at.mails.empty(); });
  }
  bool bounced() {
    return out.world.run_until([&] { return !out.world.office.mails.empty(); });
  }
  FactsMaker promise(bool one = true) {
    FactsMaker facts("far.example");
    facts.host("mx1.far.example", {kOne});
    if (one) facts.tlsa(OutWorld::good_tlsa());
    return facts;
  }
};

TEST(MailOutWishes, WhoLogsInSendsAndTheDeviceIsNotNamed) {
  auto& mx = server(kOne, false);
  out.policies.publish(promise());
  CHECK(has(send(), "250 2.6.0"));
  CHECK(arrives(mx));
  STRCMP_EQUAL("ann secret", logins.users.at(0).c_str());
  const auto& body = mx.mails[0].body;
  CHECK(body.starts_with("Received: by gateway.example (Postern) with ESMTPSA id "));
  CHECK(!has(body, "laptop.home"));
  CHECK(!has(body, "192.0.2.9"));
}

TEST(MailOutWishes, WhoCannotLogInSendsNothingOut) {
  logins.right = false;
  const auto heard = send();
  CHECK(has(heard, "535 5.7.8"));
  CHECK(has(heard, "550 5.7.1"));
}

TEST(MailOutWishes, ANetworkThatGuessesWrongTooOftenWaits) {
  logins.right = false;
  send();
  send();
  CHECK(has(send(), "454 4.7.0"));
  LONGS_EQUAL(2, logins.users.size());
  LONGS_EQUAL(1, out.world.counters.logins_blocked);
  out.world.run_for(11min);
  logins.right = true;
  CHECK(has(send(), "235 2.7.0"));
}

TEST(MailOutWishes, ACheckThatDoesNotComeBackMeansLater) {
  logins.silent = true;
  CHECK(has(send(), "454 4.7.0"));
  LONGS_EQUAL(1, out.world.counters.logins_unanswered);
  logins.silent = false;
  logins.full = true;
  CHECK(has(send(), "454 4.7.0"));
}

TEST(MailOutWishes, RequireTlsGoesToAProvenServerThatOffersIt) {
  auto& mx = server(kOne, true);
  out.policies.publish(promise());
  send(" REQUIRETLS");
  CHECK(arrives(mx));
  CHECK(mx.mails[0].envelope.require_tls);
}

TEST(MailOutWishes, RequireTlsPassesOverAServerWithoutTheExtension) {
  auto& first = server(kOne, false);
  auto& second = server(kTwo, true);
  out.policies.publish(promise().host("mx2.far.example", {kTwo}, 20).tlsa(OutWorld::good_tlsa()));
  send(" REQUIRETLS");
  CHECK(arrives(second));
  CHECK(first.mails.empty());
}

TEST(MailOutWishes, RequireTlsComesBackWhereNoServerOffersIt) {
  auto& mx = server(kOne, false);
  out.policies.publish(promise());
  send(" REQUIRETLS");
  CHECK(out.world.run_until([&] { return out.told("bounced"); }));
  CHECK(mx.mails.empty());
  STRCMP_EQUAL("the server mx1.far.example does not offer REQUIRETLS", out.bounces.at(0).c_str());
}

TEST(MailOutWishes, RequireTlsComesBackWhereNothingIsPromised) {
  auto& mx = server(kOne, true);
  out.policies.publish(FactsMaker("far.example", policy::Security::insecure).host("mx1.far.example", {kOne}));
  send(" REQUIRETLS");
  CHECK(out.world.run_until([&] { return out.told("bounced"); }));
  CHECK(has(out.bounces.at(0), "REQUIRETLS"));
  LONGS_EQUAL(0, mx.sessions);
}

TEST(MailOutWishes, RequireTlsWaitsWhereAServerIsOnlyDown) {
  auto& mx = server(kOne, true);
  mx.refuse = "421";
  out.policies.publish(promise());
  send(" REQUIRETLS");
  CHECK(out.world.run_until([&] { return !out.deferrals.empty(); }, 2min));
  CHECK(!out.told("bounced"));
}

TEST(MailOutWishes, ASessionOpenedForLessIsNotUsedForRequireTls) {
  auto& mx = server(kOne, false);
  out.policies.publish(promise());
  send();
  CHECK(arrives(mx));
  send(" REQUIRETLS");
  CHECK(out.world.run_until([&] { return out.told("bounced"); }));
  LONGS_EQUAL(1, mx.mails.size());
}
