// What the lookups make of real answers: a real nsd, real signatures.
#include "firmware/control/resolver/lookup.hpp"

#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/firmware/control/resolver/name_server.hpp"

namespace postern::resolver {
namespace {

using policy::HostSecurity;
using policy::MxKind;
using policy::Security;
using policy::TlsaState;
using test::Zone;

const std::string kHash(64, 'a');
const std::string kTlsa = "3 1 1 " + kHash + "\n";

std::vector<Zone> zones() {
  return {
      {.kind = Zone::Kind::secure,
       .name = "good.test",
       .records =
           "@ IN MX 10 mx1\n@ IN MX 20 mx2\nmx1 IN A 192.0.2.1\nmx1 IN AAAA 2001:db8::1\nmx2 IN A 192.0.2.2\n"
           "_25._tcp.mx1 IN TLSA " +
           kTlsa +
           "null IN MX 0 .\nbare IN A 192.0.2.3\nempty IN TXT \"nothing\"\n"
           "moved IN CNAME target.good.test.\ntarget IN MX 10 mx1\n"
           "loop1 IN CNAME loop2\nloop2 IN CNAME loop1\n"
           "away IN MX 10 alias-out\nalias-out IN CNAME host.plain.test.\n_25._tcp.alias-out IN TLSA " +
           kTlsa +
           "inside IN MX 10 alias-in\nalias-in IN CNAME mx1\n"
           "both IN MX 10 alias-both\nalias-both IN CNAME mx2\n_25._tcp.alias-both IN TLSA " +
           kTlsa +
           "tlsa-out IN MX 10 mx3\nmx3 IN A 192.0.2.4\n_25._tcp.mx3 IN CNAME tlsa.plain.test.\n"
           "tobogus IN MX 10 mx.bogus.test.\ntodead IN MX 10 mx.missing.test.\ntodead IN MX 20 mx1\n"
           "odd IN MX 10 a\\032b\nodd IN MX 20 mx1\n"},
      {.kind = Zone::Kind::insecure,
       .name = "plain.test",
       .records = "@ IN MX 10 host\n@ IN MX 20 mx1.good.test.\nhost IN A 192.0.2.9\ntlsa IN TLSA " + kTlsa},
      {.kind = Zone::Kind::bogus,
       .name = "bogus.test",
       .records = "@ IN MX 10 mx\nmx IN A 192.0.2.5\n_25._tcp.mx IN TLSA 3 1 1 " + kHash +
                  "\n"
                  "fine IN MX 20 mx\n"},
      {.kind = Zone::Kind::expired, .name = "expired.test", .records = "@ IN MX 10 mx\nmx IN A 192.0.2.6\n"},
      {.kind = Zone::Kind::stranger,
       .name = "stranger.test",
       .records = "@ IN MX 10 mx\nmx IN A 192.0.2.6\n"},
      {.kind = Zone::Kind::missing, .name = "missing.test", .records = {}},
      {.kind = Zone::Kind::secure,
       .name = "big.test",
       .records = "@ IN MX 10 mx\nmx IN A 192.0.2.7\n",
       .algorithm = "RSASHA256",
       .extra_keys = 12},
      {.kind = Zone::Kind::elsewhere, .name = "slow.test", .records = {}},
  };
}

test::NameServer& server() {
  static test::NameServer one(zones());
  return one;
}

LookupOptions options() {
  LookupOptions made;
  made.dns.forwarders = {server().address()};
  made.dns.fixed_anchor_file = server().anchor();
  made.rules.mta_sts = false;
  made.dns_deadline = std::chrono::seconds(8);
  made.deadline = std::chrono::seconds(8);
  return made;
}

DomainFound found(const std::string& domain, const LookupOptions& with = options()) {
  auto result = look_up(domain, with);
  if (!result) FAIL(result.error().reason.c_str());
  return *result;
}

std::string trail(const DomainFound& one) {
  std::string all;
  for (const auto& line : one.trail) all += line + "\n";
  return all;
}

#define SAME(expected, actual, one) CHECK_TEXT((expected) == (actual), trail(one).c_str())

}  // namespace

TEST_GROUP(Lookup){};

TEST(Lookup, aSignedDomainHasSecureHostsAndTlsaRecords) {
  const auto one = found("good.test");
  SAME(MxKind::list, one.facts.mx, one);
  SAME(Security::secure, one.facts.mx_security, one);
  SAME(2u, one.facts.hosts.size(), one);
  const auto& first = one.facts.hosts[0];
  SAME("mx1.good.test", first.name, one);
  SAME(HostSecurity::secure, first.security, one);
  SAME(2u, first.addresses.size(), one);
  SAME(TlsaState::records, first.tlsa_state, one);
  SAME("mx1.good.test", first.tlsa_base, one);
  SAME(1u, first.tlsa.size(), one);
  SAME(32u, first.tlsa[0].data.size(), one);
  SAME(TlsaState::none, one.facts.hosts[1].tlsa_state, one);
}

TEST(Lookup, anUnsignedDomainIsNotAskedForTlsa) {
  const auto one = found("plain.test");
  SAME(Security::insecure, one.facts.mx_security, one);
  SAME(HostSecurity::insecure, one.facts.hosts[0].security, one);
  // The second host is signed; the domain is not.
  SAME(HostSecurity::secure, one.facts.hosts[1].security, one);
  SAME(TlsaState::not_asked, one.facts.hosts[1].tlsa_state, one);
}

TEST(Lookup, onRequestASignedHostOfAnUnsignedDomainIsAskedForTlsa) {
  auto with = options();
  with.rules.tlsa_without_secure_mx = true;
  const auto one = found("plain.test", with);
  SAME(TlsaState::not_asked, one.facts.hosts[0].tlsa_state, one);
  SAME(TlsaState::records, one.facts.hosts[1].tlsa_state, one);
}

TEST(Lookup, anAlteredMxRecordIsBogusWithTheReason) {
  const auto one = found("bogus.test");
  SAME(Security::bogus, one.facts.mx_security, one);
  SAME(MxKind::unknown, one.facts.mx, one);
  CHECK_TEXT(!one.facts.mx_reason.text.empty(), trail(one).c_str());
  SAME(6, one.facts.mx_reason.ede, one);  // RFC 8914 §4.7
}

TEST(Lookup, anExpiredSignatureIsBogusAndSaysSo) {
  const auto one = found("expired.test");
  SAME(Security::bogus, one.facts.mx_security, one);
  SAME(7, one.facts.mx_reason.ede, one);  // RFC 8914 §4.8
}

TEST(Lookup, keysThatTheParentDoesNotNameAreBogus) {
  const auto one = found("stranger.test");
  SAME(Security::bogus, one.facts.mx_security, one);
  SAME(9, one.facts.mx_reason.ede, one);  // RFC 8914 §4.10
}

TEST(Lookup, alteredTlsaRecordsAreBogusAndTheOthersStand) {
  const auto one = found("tobogus.good.test");
  SAME(Security::secure, one.facts.mx_security, one);
  SAME(HostSecurity::secure, one.facts.hosts[0].security, one);
  SAME(TlsaState::bogus, one.facts.hosts[0].tlsa_state, one);
}

TEST(Lookup, servfailIsAFailureWithTheReason) {
  const auto one = found("missing.test");
  SAME(Security::failed, one.facts.mx_security, one);
  SAME(MxKind::unknown, one.facts.mx, one);
  CHECK_TEXT(!one.facts.mx_reason.text.empty(), trail(one).c_str());
}

TEST(Lookup, oneHostThatFailsLeavesTheOthers) {
  const auto one = found("todead.good.test");
  SAME(2u, one.facts.hosts.size(), one);
  SAME(HostSecurity::failed, one.facts.hosts[0].security, one);
  SAME(TlsaState::records, one.facts.hosts[1].tlsa_state, one);
  CHECK_TEXT(one.facts.expires - one.facts.learned <= std::chrono::seconds(30), trail(one).c_str());
}

TEST(Lookup, serversThatSayNothingCostTheDeadlineAndNothingElse) {
  const test::Silence silence;
  auto with = options();
  with.dns.stubs = {{"slow.test", silence.address()}};
  with.dns_deadline = std::chrono::seconds(2);
  with.deadline = std::chrono::seconds(3);
  const auto one = found("slow.test", with);
  SAME(Security::failed, one.facts.mx_security, one);
  SAME(22, one.facts.mx_reason.ede, one);  // RFC 8914 §4.23
}

TEST(Lookup, oneDeadServerAmongSeveralDoesNotMatter) {
  const test::Silence silence;
  auto with = options();
  with.dns.forwarders = {silence.address(), server().address()};
  const auto one = found("good.test", with);
  SAME(Security::secure, one.facts.mx_security, one);
  SAME(TlsaState::records, one.facts.hosts[0].tlsa_state, one);
}

TEST(Lookup, aLargeKeySetComesOverTcp) {
  const auto one = found("big.test");
  SAME(Security::secure, one.facts.mx_security, one);
  SAME(HostSecurity::secure, one.facts.hosts[0].security, one);
}

TEST(Lookup, aNegativeAnchorTakesADomainAsUnsignedUntilItEnds) {
  auto with = options();
  with.dns.negative_anchors = {{"bogus.test", WallTime::max()}};
  SAME(Security::insecure, found("bogus.test", with).facts.mx_security, found("bogus.test", with));
  with.dns.negative_anchors = {{"bogus.test", WallTime{}}};
  SAME(Security::bogus, found("bogus.test", with).facts.mx_security, found("bogus.test", with));
}

TEST(Lookup, nullMxIsKnown) {
  const auto one = found("null.good.test");
  SAME(MxKind::null_mx, one.facts.mx, one);
  CHECK(one.facts.hosts.empty());
}

TEST(Lookup, withoutMxTheDomainIsItsOwnHost) {
  const auto one = found("bare.good.test");
  SAME(MxKind::implicit, one.facts.mx, one);
  SAME(Security::secure, one.facts.mx_security, one);
  SAME("bare.good.test", one.facts.hosts[0].name, one);
  SAME(HostSecurity::secure, one.facts.hosts[0].security, one);
  SAME(TlsaState::none, one.facts.hosts[0].tlsa_state, one);
}

TEST(Lookup, withoutMxAndAddressThereIsNoHost) {
  const auto one = found("empty.good.test");
  SAME(MxKind::no_host, one.facts.mx, one);
}

TEST(Lookup, aNameThatDoesNotExistIsNoDomain) {
  const auto one = found("nowhere.good.test");
  SAME(MxKind::no_domain, one.facts.mx, one);
  SAME(Security::secure, one.facts.mx_security, one);
}

TEST(Lookup, aDomainThatIsAnAliasIsExpanded) {
  const auto one = found("moved.good.test");
  SAME(MxKind::list, one.facts.mx, one);
  SAME("target.good.test", one.facts.expanded, one);
  const auto& names = one.facts.hosts[0].names;
  for (const char* name : {"mx1.good.test", "moved.good.test", "target.good.test"})
    CHECK_TEXT(std::find(names.begin(), names.end(), name) != names.end(), name);
}

TEST(Lookup, aLoopOfAliasesIsAFailure) {
  const auto one = found("loop1.good.test");
  SAME(MxKind::unknown, one.facts.mx, one);
  SAME(Security::failed, one.facts.mx_security, one);
}

TEST(Lookup, aSignedAliasIntoAnUnsignedZoneCountsUnderItsOwnName) {
  const auto one = found("away.good.test");
  const auto& host = one.facts.hosts[0];
  SAME(HostSecurity::secure_alias, host.security, one);
  SAME("host.plain.test", host.expanded, one);
  SAME(TlsaState::records, host.tlsa_state, one);
  SAME("alias-out.good.test", host.tlsa_base, one);
}

TEST(Lookup, ofASignedAliasTheTargetsRecordsCountFirst) {
  const auto one = found("inside.good.test");
  SAME(HostSecurity::secure, one.facts.hosts[0].security, one);
  SAME("mx1.good.test", one.facts.hosts[0].tlsa_base, one);
}

TEST(Lookup, ofASignedAliasWhoseTargetHasNoneItsOwnRecordsCount) {
  const auto one = found("both.good.test");
  SAME(TlsaState::records, one.facts.hosts[0].tlsa_state, one);
  SAME("alias-both.good.test", one.facts.hosts[0].tlsa_base, one);
}

TEST(Lookup, tlsaRecordsAtAnUnsignedEndPromiseNothing) {
  const auto one = found("tlsa-out.good.test");
  SAME(TlsaState::none, one.facts.hosts[0].tlsa_state, one);
}

TEST(Lookup, anMxThatIsNoHostNameIsLeftOut) {
  const auto one = found("odd.good.test");
  SAME(1u, one.facts.hosts.size(), one);
  SAME("mx1.good.test", one.facts.hosts[0].name, one);
}

TEST(Lookup, oneHostCanBeAskedForAlone) {
  auto result = look_up_host("mx1.good.test", 25, options());
  CHECK(result.has_value());
  CHECK(result->host.tlsa_state == TlsaState::records);
  LONGS_EQUAL(2, result->host.addresses.size());
}

TEST(Lookup, aTextRecordCanBeAskedForAlone) {
  auto lookups = Lookups::create(options());
  CHECK(lookups.has_value());
  const auto one = (*lookups)->answer("empty.good.test", Type::txt);
  LONGS_EQUAL(1, one.answer.texts.size());
  STRCMP_EQUAL("nothing", one.answer.texts[0].c_str());
  CHECK(one.answer.secure());
}

TEST(Lookup, aToolsServerIsAnAddressWithAPort) {
  CHECK(tool_options("127.0.0.1:5353", "").value().dns.forwarders.front() == "127.0.0.1@5353");
  CHECK(tool_options("[2001:db8::1]:53", "").value().dns.forwarders.front() == "2001:db8::1@53");
  CHECK(!tool_options("localhost:53", "").has_value());
  CHECK(!tool_options("127.0.0.1:0", "").has_value());
}

}  // namespace postern::resolver
