// Who may send to anybody: addresses that may, and people who log in. RFC 4954, RFC 6409, RFC 8689.
#include <algorithm>

#include "tests/firmware/smtp/server_driver.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using test::ServerDriver;

namespace {

// "\0ann\0secret", "ann\0ann\0secret", "bob\0ann\0secret"
constexpr const char* kAnn = "AGFubgBzZWNyZXQ=";
constexpr const char* kAnnForAnn = "YW5uAGFubgBzZWNyZXQ=";
constexpr const char* kAnnForBob = "Ym9iAGFubgBzZWNyZXQ=";

smtp::ServerSettings settings() {
  smtp::ServerSettings settings;
  settings.host_name = "gateway.example";
  settings.served_domains = {"example.org"};
  return settings;
}

smtp::Peer submission(bool tls = true) {
  auto peer = ServerDriver::stranger(tls);
  peer.offer_auth = true;
  peer.submission = true;
  return peer;
}

bool said(const ServerDriver& driver, std::string_view text) {
  return std::any_of(driver.log.begin(), driver.log.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

std::string last(const ServerDriver& driver) {
  return driver.log.empty() ? std::string() : driver.log.back();
}

std::string begin(const char* response) {
  return "EHLO laptop\r\nAUTH PLAIN " + std::string(response) + "\r\n";
}

}  // namespace

TEST_GROUP(Submission) {
  ServerDriver door{settings(), submission()};

  void give(std::string_view text) {
    door.take_replies();
    door.give(text);
  }
};

TEST(Submission, WhoLogsInMaySendAnywhere) {
  give(begin(kAnn) + "MAIL FROM:<ann@example.org>\r\nRCPT TO:<x@far.example>\r\nDATA\r\nhello\r\n.\r\n");
  CHECK(said(door, "check_login ann secret"));
  CHECK(said(door, "S: 235 2.7.0"));
  LONGS_EQUAL(1, door.stored.size());
  CHECK(door.stored[0].envelope.submitted && door.stored[0].envelope.authenticated);
}

TEST(Submission, NobodySendsThereWithoutLoggingIn) {
  give("EHLO laptop\r\nMAIL FROM:<ann@example.org>\r\n");
  CHECK(last(door).starts_with("S: 530 5.7.0"));
}

TEST(Submission, TheResponseMayComeOnItsOwnLine) {
  give("EHLO laptop\r\nAUTH PLAIN\r\n");
  STRCMP_EQUAL("S: 334 ", last(door).c_str());
  give(std::string(kAnnForAnn) + "\r\n");
  CHECK(last(door).starts_with("S: 235"));
}

TEST(Submission, ALoginCanBeCancelled) {
  give("EHLO laptop\r\nAUTH PLAIN\r\n*\r\nNOOP\r\n");
  CHECK(said(door, "S: 501 5.7.0"));
  CHECK(last(door).starts_with("S: 250"));
}

TEST(Submission, NobodyActsForSomebodyElse) {
  give(begin(kAnnForBob));
  CHECK(last(door).starts_with("S: 501 5.5.2"));
  CHECK(!said(door, "check_login"));
}

TEST(Submission, WhatIsNoBase64IsRefused) {
  for (const char* bad : {"!", "AGFubgBzZWNyZXQ", "AGFubgBzZWNyZXR=", "=", "AGFubg==", "AG=ubg=="}) {
    ServerDriver other{settings(), submission()};
    other.take_replies();
    other.give(begin(bad));
    CHECK(last(other).starts_with("S: 501 5.5.2"));
  }
}

TEST(Submission, AWrongPasswordIsSaidAndTheThirdEndsTheSession) {
  door.login_answers.assign(3, smtp::LoginAnswer::wrong);
  give(begin(kAnn));
  CHECK(last(door).starts_with("S: 535 5.7.8"));
  give("AUTH PLAIN " + std::string(kAnn) + "\r\nAUTH PLAIN " + kAnn + "\r\n");
  CHECK(said(door, "S: 421 4.7.0 gateway.example too many failed logins"));
  CHECK(door.closed);
  LONGS_EQUAL(3, door.counters.refused_login);
}

TEST(Submission, ALoginThatCannotBeCheckedIsPutOff) {
  door.login_answers = {smtp::LoginAnswer::try_later};
  give(begin(kAnn) + "MAIL FROM:<ann@example.org>\r\n");
  CHECK(said(door, "S: 454 4.7.0"));
  CHECK(last(door).starts_with("S: 530"));
}

TEST(Submission, NoPasswordIsTakenInTheClear) {
  ServerDriver clear{settings(), submission(false)};
  clear.take_replies();
  clear.give(begin(kAnn));
  CHECK(!said(clear, "AUTH PLAIN"));
  CHECK(last(clear).starts_with("S: 538 5.7.11"));
}

TEST(Submission, WhatWasProvedBeforeTlsIsForgotten) {
  ServerDriver clear{settings(), submission(false)};
  clear.take_replies();
  clear.give("EHLO laptop\r\nSTARTTLS\r\n");
  clear.tls("TLSv1.3", "x");
  clear.give("MAIL FROM:<ann@example.org>\r\n");
  CHECK(last(clear).starts_with("S: 503"));
  clear.give("EHLO laptop\r\n");
  CHECK(said(clear, "S: 250-AUTH PLAIN"));
}

TEST(Submission, OnceIsEnough) {
  give(begin(kAnn) + "AUTH PLAIN " + kAnn + "\r\n");
  CHECK(last(door).starts_with("S: 503"));
}

TEST(Submission, NoLoginInTheMiddleOfATransaction) {
  auto peer = submission();
  peer.submission = false;
  ServerDriver mixed{settings(), peer};
  mixed.take_replies();
  mixed.give("EHLO x\r\nMAIL FROM:<a@x.example>\r\nAUTH PLAIN " + std::string(kAnn) + "\r\n");
  CHECK(last(mixed).starts_with("S: 503"));
}

TEST(Submission, OtherMechanismsAreNotOffered) {
  give("EHLO laptop\r\nAUTH LOGIN\r\n");
  CHECK(last(door).starts_with("S: 504 5.5.4"));
}

TEST(Submission, ALoginSpeaksForItsOwnDomainsOnly) {
  give(begin(kAnn) + "MAIL FROM:<ann@bank.example>\r\n");
  CHECK(last(door).starts_with("S: 553 5.7.1"));
  give("MAIL FROM:<>\r\n");
  CHECK(last(door).starts_with("S: 250"));
}

TEST(Submission, AStrangersDoorOffersNoLoginAndNoRelay) {
  ServerDriver stranger{settings(), true};
  stranger.take_replies();
  stranger.give("EHLO x\r\nAUTH PLAIN " + std::string(kAnn) +
                "\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@far.example>\r\n");
  CHECK(!said(stranger, "250-AUTH"));
  CHECK(!said(stranger, "REQUIRETLS"));
  CHECK(said(stranger, "S: 502"));
  CHECK(last(stranger).starts_with("S: 550 5.7.1"));
}

TEST(Submission, AnAddressThatMayRelaySendsAnywhereAlsoForOthers) {
  auto peer = ServerDriver::stranger();
  peer.may_relay = true;
  ServerDriver office{settings(), peer};
  office.take_replies();
  office.give("EHLO office\r\nMAIL FROM:<somebody@elsewhere.example>\r\nRCPT TO:<x@far.example>\r\n");
  CHECK(last(office).starts_with("S: 250"));
  CHECK(!said(office, "check_recipient"));
  office.give("RCPT TO:<bob@example.org>\r\n");
  CHECK(said(office, "check_recipient bob@example.org"));
}

TEST(Submission, RequireTlsIsTakenFromWhoMaySendAndKept) {
  give(begin(kAnn) +
       "MAIL FROM:<ann@example.org> REQUIRETLS\r\nRCPT TO:<x@far.example>\r\nDATA\r\n\r\n.\r\n");
  CHECK(said(door, "S: 250-REQUIRETLS"));
  LONGS_EQUAL(1, door.stored.size());
  CHECK(door.stored[0].envelope.require_tls);
}

TEST(Submission, RequireTlsHasNoValueAndNeedsTls) {
  give(begin(kAnn) + "MAIL FROM:<ann@example.org> REQUIRETLS=1\r\n");
  CHECK(last(door).starts_with("S: 501"));
  auto peer = ServerDriver::stranger();
  peer.may_relay = true;
  ServerDriver clear{settings(), peer};
  clear.take_replies();
  clear.give("EHLO office\r\nMAIL FROM:<a@example.org> REQUIRETLS\r\n");
  CHECK(!said(clear, "250-REQUIRETLS"));
  CHECK(last(clear).starts_with("S: 555"));
}

TEST(Submission, TheAuthParameterIsReadAndNotBelieved) {
  give(begin(kAnn) + "MAIL FROM:<ann@example.org> AUTH=<>\r\n");
  CHECK(last(door).starts_with("S: 250"));
}

TEST(Submission, TlsRequiredNoIsSeenInTheHeaderOnly) {
  struct Case {
    const char* header;
    bool seen;
  };
  for (const auto& [header, seen] :
       {Case{"TLS-Required: No\r\n", true}, Case{"tls-required:\r\n no\r\nTo: x\r\n", true},
        Case{"TLS-Required: Yes\r\n", false}, Case{"X-TLS-Required: No\r\n", false},
        Case{"TLS-Required: No\r\nTLS-Required: No\r\n", false},
        Case{"To: x\r\n\r\nTLS-Required: No\r\n", false}}) {
    ServerDriver one{settings(), submission()};
    one.take_replies();
    one.give(begin(kAnn) + "MAIL FROM:<>\r\nRCPT TO:<x@far.example>\r\nDATA\r\n" + header + "\r\n.\r\n");
    CHECK_EQUAL(seen, one.server.tls_required_no());
  }
}

TEST(Submission, ACertificateThatCountsIsALogin) {
  door.take_replies();
  door.server.tls_established({"TLSv1.3", "TLS_AES_128_GCM_SHA256", {}, "desk.example", {}});
  give("EHLO desk\r\n");
  CHECK(said(door, "250-AUTH PLAIN"));
  give("MAIL FROM:<ann@example.org>\r\nRCPT TO:<x@far.example>\r\nDATA\r\nhello\r\n.\r\n");
  LONGS_EQUAL(1, door.stored.size());
  CHECK(door.stored[0].envelope.submitted);
  // RFC 3848 §1: the A of ESMTPSA stands for AUTH.
  CHECK(!door.stored[0].envelope.authenticated);
  STRCMP_EQUAL("desk.example", door.server.user().c_str());
}

TEST(Submission, WhoHasACertificateSendsFromOurDomainsToo) {
  door.server.tls_established({"TLSv1.3", "TLS_AES_128_GCM_SHA256", {}, "desk.example", {}});
  give("EHLO desk\r\nMAIL FROM:<ann@elsewhere.example>\r\n");
  CHECK(last(door).starts_with("S: 553 5.7.1"));
}

TEST(Submission, WhyACertificateDoesNotCountIsSaid) {
  door.server.tls_established(
      {"TLSv1.3", "TLS_AES_128_GCM_SHA256", {}, {}, "a certificate has expired"});
  give("EHLO desk\r\nMAIL FROM:<ann@example.org>\r\n");
  STRCMP_EQUAL("S: 530 5.7.0 log in first; your certificate does not count: a certificate has expired",
               last(door).c_str());
  LONGS_EQUAL(1, door.counters.refused_login_required);
  give("AUTH PLAIN " + std::string(kAnn) + "\r\nMAIL FROM:<ann@example.org>\r\n");
  CHECK(last(door).starts_with("S: 250"));
}
