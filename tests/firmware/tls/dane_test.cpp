// Which chains meet which TLSA records, one corner at a time.
#include <string>

#include "tests/firmware/tls/test_pki.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

const std::chrono::hours kLater(24 * 365);
const std::chrono::hours kEarlier(-24 * 30);

}  // namespace

TEST_GROUP(Dane) {
  Pki& pki = shared_pki();

  // root -> middle -> leaf
  std::vector<Der> chain(const std::vector<std::string>& middle = ca_extensions(),
                         const std::vector<std::string>& leaf = leaf_extensions()) {
    pki.make({"root", "Root CA", "", ca_extensions()});
    pki.make({"middle", "Middle CA", "root", middle});
    pki.make({"leaf", kHost, "middle", leaf});
    return {pki.take("leaf"), pki.take("middle"), pki.take("root")};
  }
  std::vector<TlsaRecord> root_key() {
    return {record(2, 1, 1, pki.take("root"))};
  }
  // Held against the root's key.
  Verdict below_root(const std::vector<Der>& sent, const std::vector<std::string>& names = {kHost},
                     std::chrono::hours shift = {}) {
    return judge(sent, root_key(), names, shift);
  }
  void refuses(const Verdict& verdict, Judgement judgement, const char* reason) {
    CHECK_EQUAL(static_cast<int>(judgement), static_cast<int>(verdict.judgement));
    STRCMP_EQUAL(reason, std::string(verdict.reason).c_str());
  }
  void accepts(const Verdict& verdict) {
    refuses(verdict, Judgement::met, "");
  }
};

TEST(Dane, usage_3_ignores_dates_names_and_every_constraint) {
  pki.make({"other", "nobody", "", {"basicConstraints = CA:FALSE", "extendedKeyUsage = clientAuth"}});
  const auto leaf = pki.take("other");
  for (std::uint8_t selector = 0; selector < 2; ++selector) {
    accepts(judge({leaf}, {record(3, selector, 1, leaf)}, {kHost}, kLater));
    accepts(judge({leaf}, {record(3, selector, 2, leaf)}, {kHost}, kEarlier));
  }
}

TEST(Dane, usage_3_matches_the_leaf_only) {
  const auto sent = chain();
  refuses(judge(sent, {record(3, 1, 1, sent[1])}), Judgement::no_match,
          "no TLSA record matches the server's certificate");
}

TEST(Dane, the_record_and_the_certificate_that_matched_are_told) {
  const auto sent = chain();
  const auto verdict = judge(sent, {record(3, 1, 1, sent[1]), record(2, 0, 1, sent[1])});
  accepts(verdict);
  CHECK_EQUAL(1, verdict.record);
  CHECK_EQUAL(1, verdict.depth);
  const auto leaf = judge(sent, {record(3, 1, 1, sent[1]), record(3, 0, 2, sent[0])});
  CHECK_EQUAL(1, leaf.record);
  CHECK_EQUAL(0, leaf.depth);
  const auto unsent = judge({sent[0], sent[1]}, {record(2, 0, 0, sent[2])});
  CHECK_EQUAL(0, unsent.record);
  CHECK_EQUAL(-1, unsent.depth);
}

TEST(Dane, usages_0_and_1_match_nothing) {
  const auto sent = chain();
  for (std::uint8_t usage = 0; usage < 2; ++usage) {
    for (const auto& certificate : sent) {
      CHECK_TRUE(judge(sent, {record(usage, 1, 1, certificate)}).judgement == Judgement::no_match);
    }
  }
}

TEST(Dane, unknown_selectors_and_matching_types_match_nothing) {
  const auto sent = chain();
  auto tlsa = record(3, 1, 1, sent[0]);
  tlsa.selector = 2;
  CHECK_TRUE(judge(sent, {tlsa}).judgement == Judgement::no_match);
  tlsa = record(3, 1, 1, sent[0]);
  tlsa.matching = 3;
  CHECK_TRUE(judge(sent, {tlsa}).judgement == Judgement::no_match);
  // An empty record is no prefix of anything.
  CHECK_TRUE(judge(sent, {{3, 0, 0, {}}, {3, 1, 1, {}}, {2, 1, 1, {}}}).judgement != Judgement::met);
}

TEST(Dane, a_digest_of_the_wrong_length_matches_nothing) {
  const auto sent = chain();
  auto tlsa = record(3, 1, 2, sent[0]);
  tlsa.data.resize(32);
  CHECK_TRUE(judge(sent, {tlsa}).judgement == Judgement::no_match);
}

TEST(Dane, during_a_roll_over_either_record_will_do) {
  const auto sent = chain();
  pki.make({"next", kHost, "middle", leaf_extensions()});
  const auto next = pki.take("next");
  const std::vector<TlsaRecord> both{record(3, 1, 1, sent[0]), record(3, 1, 1, next)};
  accepts(judge(sent, both));
  accepts(judge({next, sent[1], sent[2]}, both));
}

TEST(Dane, usage_2_wants_one_of_the_names) {
  const auto sent = chain();
  accepts(below_root(sent, {"example.org", kHost}));
  refuses(below_root(sent, {"example.org"}), Judgement::name_mismatch,
          "the certificate does not bear the server's name");
  refuses(below_root(sent, {}), Judgement::name_mismatch, "the certificate does not bear the server's name");
}

TEST(Dane, usage_2_takes_a_wildcard_for_one_label) {
  const auto sent = chain(ca_extensions(), leaf_extensions("*.example.com"));
  accepts(below_root(sent, {kHost}));
  CHECK_TRUE(below_root(sent, {"a.mail.example.com"}).judgement == Judgement::name_mismatch);
  CHECK_TRUE(below_root(sent, {"example.com"}).judgement == Judgement::name_mismatch);
}

TEST(Dane, usage_2_takes_internationalised_names_as_a_labels) {
  const auto sent = chain(ca_extensions(), leaf_extensions("mx.xn--bcher-kva.example"));
  accepts(below_root(sent, {"mx.xn--bcher-kva.example"}));
}

TEST(Dane, usage_2_never_takes_the_common_name) {
  const auto sent = chain(ca_extensions(), {"basicConstraints = CA:FALSE"});
  CHECK_TRUE(below_root(sent).judgement == Judgement::name_mismatch);
}

TEST(Dane, usage_2_wants_valid_dates_of_the_leaf) {
  const auto sent = chain();
  refuses(below_root(sent, {kHost}, kLater), Judgement::expired, "a certificate has expired");
  refuses(below_root(sent, {kHost}, kEarlier), Judgement::expired, "a certificate is not valid yet");
}

TEST(Dane, usage_2_wants_valid_dates_of_every_issuer_and_the_anchor) {
  pki.make({"root", "Root CA", "", ca_extensions(), "-days -1"});
  pki.make({"middle", "Middle CA", "root", ca_extensions()});
  pki.make({"leaf", kHost, "middle", leaf_extensions()});
  const std::vector<Der> sent{pki.take("leaf"), pki.take("middle"), pki.take("root")};
  refuses(below_root(sent), Judgement::expired, "a certificate has expired");
  refuses(judge({sent[0], sent[1]}, {record(2, 0, 0, sent[2])}), Judgement::expired,
          "a certificate has expired");
  // Below the expired root, the CA itself may be the anchor; and a bare key has no dates.
  accepts(judge(sent, {record(2, 0, 1, sent[1])}));
  accepts(judge({sent[0], sent[1]}, {record(2, 1, 0, sent[2])}));
}

TEST(Dane, usage_2_wants_authorities_to_be_authorities) {
  refuses(below_root(chain({"basicConstraints = CA:FALSE"})), Judgement::invalid,
          "a certificate in the chain is signed by one that is no CA");
}

TEST(Dane, usage_2_wants_the_right_to_sign) {
  refuses(below_root(chain(ca_extensions({"keyUsage = critical,digitalSignature"}))), Judgement::invalid,
          "a CA certificate in the chain may not sign certificates");
}

TEST(Dane, usage_2_keeps_to_the_path_length) {
  pki.make({"root", "Root CA", "", {"basicConstraints = critical,CA:TRUE,pathlen:0"}});
  pki.make({"middle", "Middle CA", "root", ca_extensions()});
  pki.make({"leaf", kHost, "middle", leaf_extensions()});
  const std::vector<Der> sent{pki.take("leaf"), pki.take("middle"), pki.take("root")};
  refuses(below_root(sent), Judgement::invalid, "the certificate chain is longer than its issuer allows");
  refuses(judge({sent[0], sent[1]}, {record(2, 0, 0, sent[2])}), Judgement::invalid,
          "the certificate chain is longer than its issuer allows");
}

TEST(Dane, usage_2_keeps_to_name_constraints) {
  const auto other = ca_extensions({"nameConstraints = critical,permitted;DNS:example.org"});
  refuses(below_root(chain(other)), Judgement::invalid, "a name constraint of the issuer is violated");
  const auto own = ca_extensions({"nameConstraints = critical,permitted;DNS:example.com"});
  accepts(below_root(chain(own)));
  const auto but = ca_extensions({"nameConstraints = critical,excluded;DNS:mail.example.com"});
  refuses(below_root(chain(but)), Judgement::invalid, "a name constraint of the issuer is violated");
}

TEST(Dane, usage_2_wants_a_certificate_for_servers) {
  refuses(below_root(chain(ca_extensions(), leaf_extensions(kHost, {"extendedKeyUsage = clientAuth"}))),
          Judgement::invalid, "the certificate is not for servers");
}

TEST(Dane, usage_2_refuses_broken_hashes) {
  pki.make({"root", "Root CA", "", ca_extensions()});
  pki.make({"leaf", kHost, "root", leaf_extensions(), "-days 30", "-sha1"});
  refuses(below_root({pki.take("leaf"), pki.take("root")}), Judgement::invalid,
          "the certificate is signed with a broken hash");
}

TEST(Dane, usage_2_wants_real_signatures) {
  auto sent = chain();
  pki.make({"forger", "Middle CA", "", ca_extensions()});
  pki.make({"forged", kHost, "forger", leaf_extensions()});
  // The forger has the right name and the wrong key.
  refuses(below_root({pki.take("forged"), sent[1], sent[2]}), Judgement::no_match,
          "no TLSA record matches the certificate chain");
  // Both of that name are sent: the right one is found behind the wrong one.
  accepts(below_root({sent[0], pki.take("forger"), sent[1], sent[2]}));
}

TEST(Dane, usage_2_takes_the_chain_in_any_order) {
  const auto sent = chain();
  accepts(below_root({sent[0], sent[2], sent[1]}));
}

TEST(Dane, an_anchor_that_signed_nothing_proves_nothing) {
  const auto sent = chain();
  pki.make({"bystander", "Bystander CA", "", ca_extensions()});
  const auto bystander = pki.take("bystander");
  CHECK_TRUE(judge({sent[0], sent[1], bystander}, {record(2, 0, 1, bystander)}).judgement ==
             Judgement::no_match);
  CHECK_TRUE(judge(sent, {record(2, 1, 0, bystander)}).judgement == Judgement::no_match);
}

TEST(Dane, a_leaf_that_signed_itself_is_its_own_anchor) {
  auto extensions = leaf_extensions();
  extensions[0] = "basicConstraints = CA:TRUE";
  pki.make({"self", kHost, "", extensions});
  const auto self = pki.take("self");
  for (std::uint8_t selector = 0; selector < 2; ++selector) {
    for (std::uint8_t matching = 0; matching < 3; ++matching) {
      accepts(judge({self}, {record(2, selector, matching, self)}));
      CHECK_TRUE(judge({self}, {record(2, selector, matching, self)}, {"x.example"}).judgement ==
                 Judgement::name_mismatch);
    }
  }
}

TEST(Dane, chains_of_look_alikes_end_the_search) {
  pki.make({"root", "CA", "", ca_extensions()});
  const auto root = pki.take("root");
  std::vector<Der> sent;
  pki.make({"leaf", kHost, "root", leaf_extensions()});
  sent.push_back(pki.take("leaf"));
  // The right issuer comes behind more wrong ones than signatures are checked.
  for (int i = 0; i < kMostSignatures + 1; ++i) {
    pki.make({"twin", "CA", "", ca_extensions(), "-days " + std::to_string(40 + i)});
    sent.push_back(pki.take("twin"));
  }
  std::vector<Der> few{sent[0], sent[1], root};
  accepts(below_root(few));
  sent.push_back(root);
  const auto verdict = below_root(sent);
  CHECK_TRUE(verdict.judgement == Judgement::no_match);
}

TEST(Dane, no_certificate_meets_nothing) {
  refuses(judge({}, {record(3, 1, 1, chain()[0])}), Judgement::no_certificate,
          "the server sent no certificate");
}
