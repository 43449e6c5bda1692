// Which certificates of clients count as a login, and whose.
#include "firmware/shard/client_certificate.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using shard::standing_of;
using tls::Judgement;

TEST_GROUP(Standing) {
  shard::SubmissionSettings settings;
  tls::ClientCertificate certificate;

  void setup() override {
    settings.client_authority = true;
    certificate.sent = true;
    certificate.verdict = {Judgement::met, {}, -1, -1};
    certificate.identity = "Desk.example";
    certificate.sha256.fill(1);
    certificate.spki_sha256.fill(2);
  }
  void counts_for_nothing(Counter shard::Counters::*counter, const char* trouble) {
    const auto standing = standing_of(certificate, settings);
    CHECK(standing.user.empty());
    CHECK(standing.counter == counter);
    STRCMP_EQUAL(trouble, std::string(standing.trouble).c_str());
  }
};

TEST(Standing, none_is_no_trouble) {
  const auto standing = standing_of({}, settings);
  CHECK(standing.user.empty() && standing.trouble.empty() && standing.counter == nullptr);
}

TEST(Standing, one_that_our_authority_vouches_for_stands_for_whom_it_names) {
  const auto standing = standing_of(certificate, settings);
  CHECK(standing.user == "Desk.example");
  CHECK(standing.trouble.empty());
  CHECK(standing.counter == &shard::Counters::certificate_logins);
}

TEST(Standing, only_those_named_may_send_where_names_are_given) {
  settings.client_names = {"ann@example.org", "desk.EXAMPLE"};
  CHECK(!standing_of(certificate, settings).user.empty());
  settings.client_names = {"ann@example.org"};
  counts_for_nothing(&shard::Counters::certificates_nobody, "the one it names may not send here");
  certificate.identity.clear();
  counts_for_nothing(&shard::Counters::certificates_nobody, "it names nobody");
}

TEST(Standing, a_pinned_certificate_or_key_counts_by_itself) {
  certificate.verdict = {Judgement::expired, "a certificate has expired", -1, -1};
  for (const auto part : {std::uint8_t{1}, std::uint8_t{2}}) {
    settings.client_pins = {{"other", {}}, {"printer", {}}};
    settings.client_pins[1].sha256.fill(part);
    CHECK(standing_of(certificate, settings).user == "printer");
  }
  settings.client_pins[1].sha256[31] ^= 1;
  counts_for_nothing(&shard::Counters::certificates_expired, "a certificate has expired");
}

TEST(Standing, each_refusal_has_its_counter) {
  certificate.verdict = {Judgement::not_trusted, "why", -1, -1};
  counts_for_nothing(&shard::Counters::certificates_untrusted, "why");
  certificate.verdict = {Judgement::invalid, "why", -1, -1};
  counts_for_nothing(&shard::Counters::certificates_unfit, "why");
  // What was never judged is never good.
  certificate.verdict = {};
  counts_for_nothing(&shard::Counters::certificates_untrusted, "no authority for clients is configured");
  certificate.verdict = {Judgement::met, {}, -1, -1};
  settings.client_authority = false;
  CHECK(standing_of(certificate, settings).user.empty());
}
