// The same judgements over every combination of key identifiers in the chain: which of them a CA writes must
// not decide whether mail is delivered.
#include <string>

#include "tests/firmware/tls/test_pki.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

const std::vector<std::string> kAuthorityIds{"", "authorityKeyIdentifier = keyid,issuer",
                                             "authorityKeyIdentifier = issuer",
                                             "authorityKeyIdentifier = keyid"};
const std::vector<std::string> kSubjectIds{"subjectKeyIdentifier = none", "subjectKeyIdentifier = hash"};

struct Certificates {
  Der root, ca1, ca2, leaf;

  std::vector<Der> whole() const { return {leaf, ca2, ca1, root}; }
  std::vector<Der> without_root() const { return {leaf, ca2, ca1}; }
};

Certificates make(Pki& pki, const std::string& root_id, const std::string& root_authority,
                  const std::string& ca_id, const std::string& ca_authority) {
  pki.make({"root", "Root CA", "", ca_extensions({root_id, root_authority})});
  pki.make({"ca1", "CA 1", "root", ca_extensions({ca_id, ca_authority})});
  pki.make({"ca2", "CA 2", "ca1", ca_extensions({ca_id, ca_authority})});
  pki.make({"leaf", kHost, "ca2",
            leaf_extensions(kHost, {"subjectKeyIdentifier = hash", "authorityKeyIdentifier = keyid, issuer",
                                    "extendedKeyUsage = serverAuth"})});
  return {pki.take("root"), pki.take("ca1"), pki.take("ca2"), pki.take("leaf")};
}

bool met(const std::vector<Der>& chain, const TlsaRecord& tlsa, const std::string& name = kHost) {
  return judge(chain, {tlsa}, {name}).judgement == Judgement::met;
}

void check_all(const Certificates& c) {
  for (std::uint8_t selector = 0; selector < 2; ++selector) {
    // Only in the record.
    CHECK_TRUE(met(c.without_root(), record(2, selector, 0, c.root)));
    CHECK_TRUE(met({c.leaf}, record(2, selector, 0, c.ca2)));
    for (std::uint8_t matching = 0; matching < 3; ++matching) {
      CHECK_TRUE(met(c.whole(), record(2, selector, matching, c.root)));
      for (const auto* anchor : {&c.ca1, &c.ca2}) {
        const auto tlsa = record(2, selector, matching, *anchor);
        CHECK_TRUE(met(c.whole(), tlsa));
        CHECK_TRUE(met(c.without_root(), tlsa));
        CHECK_FALSE(met(c.without_root(), tlsa, "whatever.example.com"));
      }
      CHECK_TRUE(met(c.whole(), record(3, selector, matching, c.leaf), "whatever.example.com"));
      CHECK_FALSE(met(c.whole(), record(3, selector, matching, c.ca2)));
      // Not an anchor: it did not sign itself, and nothing stands below it.
      CHECK_FALSE(met(c.whole(), record(2, selector, matching, c.leaf)));
    }
    // A digest cannot stand for an anchor that was not sent.
    CHECK_FALSE(met(c.without_root(), record(2, selector, 1, c.root)));
    CHECK_FALSE(met(c.without_root(), record(2, selector, 2, c.root)));
  }
}

}  // namespace

TEST_GROUP(DaneMatrix) {
  Pki& pki = shared_pki();
};

TEST(DaneMatrix, key_identifiers_do_not_matter) {
  int combinations = 0;
  for (const auto& root_authority : {kAuthorityIds[0], kAuthorityIds[1]}) {
    for (const auto& ca_authority : kAuthorityIds) {
      for (const auto& root_id : kSubjectIds) {
        for (const auto& ca_id : kSubjectIds) {
          const auto certificates = make(pki, root_id, root_authority, ca_id, ca_authority);
          // openssl cannot write an authority's key identifier where the authority has none.
          if (certificates.leaf.empty() || certificates.ca2.empty() || certificates.ca1.empty()) continue;
          check_all(certificates);
          ++combinations;
        }
      }
    }
  }
  CHECK_TRUE(combinations >= 16);
}
