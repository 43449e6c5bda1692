// MTA-STS policies from a real policy host: what counts, what does not, and what then stays in force.
#include "firmware/control/resolver/lookup.hpp"

#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/firmware/control/resolver/policy_host.hpp"

namespace postern::resolver {
namespace {

using policy::StsFault;
using policy::StsMode;
using policy::StsState;
using test::PolicyFile;
using test::Zone;
using Certificate = test::PolicyFile::Certificate;

const std::string kPolicy = "version: STSv1\\nmode: enforce\\nmx: mx.example.test\\nmax_age: 86400\\n";
const std::string kPlain = "default_type \"text/plain\"; return 200 \"" + kPolicy + "\";";

// Domains under sts.test, each with a record and a policy host; what the host does is in the list.
std::vector<PolicyFile> files() {
  return {
      {.domain = "good.sts.test", .location = kPlain},
      {.domain = "charset.sts.test",
       .location = "default_type \"text/plain; charset=utf-8\"; return 200 \"" + kPolicy + "\";"},
      {.certificate = Certificate::wrong_name, .domain = "name.sts.test", .location = kPlain},
      {.certificate = Certificate::expired, .domain = "expired.sts.test", .location = kPlain},
      {.certificate = Certificate::self_signed, .domain = "self.sts.test", .location = kPlain},
      {.domain = "redirect.sts.test",
       .location = "return 301 https://mta-sts.good.sts.test/.well-known/mta-sts.txt;"},
      {.domain = "big.sts.test", .location = "default_type \"text/plain\"; try_files /big.txt =404;"},
      {.domain = "html.sts.test", .location = "default_type \"text/html\"; return 200 \"" + kPolicy + "\";"},
      {.domain = "gone.sts.test", .location = "return 404;"},
      {.domain = "broken.sts.test",
       .location = "default_type \"text/plain\"; return 200 \"mode: enforce\\n\";"},
      {.domain = "down.sts.test", .location = "return 444;"},
  };
}

std::string records() {
  std::string all =
      "none IN MX 10 mx\nmx IN A 192.0.2.1\nnohost IN MX 10 mx\n_mta-sts.nohost IN TXT \"v=STSv1; id=1;\"\n"
      "two IN MX 10 mx\n_mta-sts.two IN TXT \"v=STSv1; id=1;\"\n_mta-sts.two IN TXT \"v=STSv1; id=2;\"\n"
      "unasked IN MX 10 mx\n_mta-sts.unasked IN CNAME x.missing.test.\n";
  for (const auto& file : files()) {
    const auto label = file.domain.substr(0, file.domain.find('.'));
    all += label + " IN MX 10 mx\n_mta-sts." + label + " IN TXT \"v=STSv1; id=7;\"\nmta-sts." + label +
           " IN A 127.0.0.1\n";
  }
  return all;
}

test::NameServer& names() {
  static test::NameServer one({{.kind = Zone::Kind::insecure, .name = "sts.test", .records = records()},
                               {.kind = Zone::Kind::missing, .name = "missing.test", .records = {}}});
  return one;
}

test::PolicyHost& host() {
  static test::PolicyHost one(files());
  return one;
}

LookupOptions options() {
  LookupOptions made;
  made.dns.forwarders = {names().address()};
  made.dns.fixed_anchor_file = names().anchor();
  made.https_anchors = host().anchors();
  made.https.port = host().port();
  made.https.allow_private = true;
  made.dns_deadline = std::chrono::seconds(8);
  made.deadline = std::chrono::seconds(12);
  return made;
}

DomainFound found(const std::string& domain, const LookupOptions& with = options(),
                  const StsMemory& memory = {}) {
  auto lookups = Lookups::create(with);
  if (!lookups) FAIL(lookups.error().reason.c_str());
  return (*lookups)->domain(domain, memory);
}

std::string trail(const DomainFound& one) {
  std::string all;
  for (const auto& line : one.trail) all += line + "\n";
  return all + one.facts.sts.reason.text;
}

#define SAME(expected, actual, one) CHECK_TEXT((expected) == (actual), trail(one).c_str())

// A policy fetched earlier that is in force for another day.
StsMemory remembered(const std::string& id, Duration left = std::chrono::hours(24)) {
  StsMemory memory;
  auto& sts = memory.sts;
  sts.state = StsState::policy;
  sts.id = id;
  sts.mode = StsMode::enforce;
  sts.mx = {"old.example.test"};
  sts.max_age = 172800;
  const WallTime now = std::chrono::system_clock::now();
  sts.expires = now + left;
  sts.fetched = sts.expires - std::chrono::seconds(sts.max_age);
  sts.text = "version: STSv1\nmode: enforce\nmx: old.example.test\nmax_age: 172800\n";
  memory.refresh_at = sts.expires;
  return memory;
}

void refused(const std::string& domain, StsFault fault) {
  const auto one = found(domain);
  SAME(StsState::absent, one.facts.sts.state, one);
  SAME(fault, one.facts.sts.fault, one);
  CHECK_TEXT(!one.facts.sts.reason.text.empty(), trail(one).c_str());
  SAME(std::string("7"), one.facts.sts.id, one);
}

}  // namespace

TEST_GROUP(StsFetch){};

TEST(StsFetch, aPolicyIsFetchedAndHoldsForItsMaxAge) {
  for (const char* domain : {"good.sts.test", "charset.sts.test"}) {
    const auto one = found(domain);
    SAME(StsState::policy, one.facts.sts.state, one);
    SAME(StsMode::enforce, one.facts.sts.mode, one);
    SAME(std::string("7"), one.facts.sts.id, one);
    SAME(std::string("mx.example.test"), one.facts.sts.mx.at(0), one);
    SAME(std::chrono::hours(24), one.facts.sts.expires - one.facts.sts.fetched, one);
    CHECK(one.sts.refresh_at < one.facts.sts.expires);
  }
}

TEST(StsFetch, aDomainWithoutRecordHasNone) {
  const auto one = found("none.sts.test");
  SAME(StsState::absent, one.facts.sts.state, one);
  SAME(StsFault::none, one.facts.sts.fault, one);
}

TEST(StsFetch, twoRecordsAreNone) {
  const auto one = found("two.sts.test");
  SAME(StsState::absent, one.facts.sts.state, one);
}

TEST(StsFetch, aCertificateForAnotherNameIsRefused) {
  refused("name.sts.test", StsFault::webpki_invalid);
}
TEST(StsFetch, anExpiredCertificateIsRefused) {
  refused("expired.sts.test", StsFault::webpki_invalid);
}
TEST(StsFetch, aSelfSignedCertificateIsRefused) {
  refused("self.sts.test", StsFault::webpki_invalid);
}
TEST(StsFetch, aRedirectIsNotFollowed) {
  refused("redirect.sts.test", StsFault::fetch_error);
}
TEST(StsFetch, moreThan64KiBAreRefused) {
  refused("big.sts.test", StsFault::fetch_error);
}
TEST(StsFetch, anotherMediaTypeIsRefused) {
  refused("html.sts.test", StsFault::fetch_error);
}
TEST(StsFetch, anotherStatusIsRefused) {
  refused("gone.sts.test", StsFault::fetch_error);
}
TEST(StsFetch, aTextThatIsNoPolicyIsRefused) {
  refused("broken.sts.test", StsFault::policy_invalid);
}
TEST(StsFetch, aHostThatHangsUpIsAFailure) {
  refused("down.sts.test", StsFault::fetch_error);
}

TEST(StsFetch, aPolicyHostWithoutAddressIsAFailure) {
  const auto one = found("nohost.sts.test");
  SAME(StsState::absent, one.facts.sts.state, one);
  SAME(StsFault::fetch_error, one.facts.sts.fault, one);
}

TEST(StsFetch, privateAddressesAreNotAskedUnlessAllowed) {
  auto with = options();
  with.https.allow_private = false;
  const auto one = found("good.sts.test", with);
  SAME(StsState::absent, one.facts.sts.state, one);
  SAME(StsFault::fetch_error, one.facts.sts.fault, one);
}

TEST(StsFetch, aRecordThatCannotBeAskedForIsUnknown) {
  const auto one = found("unasked.sts.test");
  SAME(StsState::unknown, one.facts.sts.state, one);
  CHECK_TEXT(one.facts.expires - one.facts.learned <= std::chrono::seconds(30), trail(one).c_str());
}

TEST(StsFetch, theSameIdIsNotFetchedAgain) {
  const auto one = found("good.sts.test", options(), remembered("7"));
  SAME(StsState::policy, one.facts.sts.state, one);
  SAME(std::string("old.example.test"), one.facts.sts.mx.at(0), one);
}

TEST(StsFetch, anotherIdIsFetched) {
  const auto one = found("good.sts.test", options(), remembered("6"));
  SAME(std::string("mx.example.test"), one.facts.sts.mx.at(0), one);
  SAME(std::string("7"), one.facts.sts.id, one);
}

TEST(StsFetch, aPolicyThatIsDueIsFetchedAgainAheadOfItsEnd) {
  auto memory = remembered("7");
  memory.refresh_at = WallTime{};
  const auto one = found("good.sts.test", options(), memory);
  SAME(std::string("mx.example.test"), one.facts.sts.mx.at(0), one);
}

TEST(StsFetch, whenTheNewPolicyCannotBeFetchedTheOldOneHolds) {
  for (const char* domain : {"name.sts.test", "gone.sts.test", "redirect.sts.test", "broken.sts.test"}) {
    const auto one = found(domain, options(), remembered("6"));
    SAME(StsState::policy, one.facts.sts.state, one);
    SAME(StsMode::enforce, one.facts.sts.mode, one);
    SAME(std::string("old.example.test"), one.facts.sts.mx.at(0), one);
    CHECK_TEXT(one.facts.sts.fault != StsFault::none, trail(one).c_str());
    CHECK_TEXT(one.facts.expires - one.facts.learned <= std::chrono::minutes(5), trail(one).c_str());
  }
}

TEST(StsFetch, whenTheRecordIsGoneOrCannotBeAskedForThePolicyHolds) {
  for (const char* domain : {"none.sts.test", "unasked.sts.test", "two.sts.test"}) {
    const auto one = found(domain, options(), remembered("6"));
    SAME(StsState::policy, one.facts.sts.state, one);
    SAME(std::string("old.example.test"), one.facts.sts.mx.at(0), one);
  }
}

TEST(StsFetch, aPolicyWhoseTimeIsOverHoldsNoLonger) {
  const auto one = found("none.sts.test", options(), remembered("6", -std::chrono::seconds(1)));
  SAME(StsState::absent, one.facts.sts.state, one);
}

TEST(StsFetch, aHostThatSaysNothingCostsItsTimeAndNothingElse) {
  const test::Silence silence(SOCK_STREAM);
  auto with = options();
  with.https.port = silence.port();
  with.https.timeout = std::chrono::seconds(1);
  const auto one = found("good.sts.test", with);
  SAME(StsFault::fetch_error, one.facts.sts.fault, one);
  SAME(policy::MxKind::list, one.facts.mx, one);
}

}  // namespace postern::resolver
