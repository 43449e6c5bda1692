// Certificates and keys as people upload them.
#include <algorithm>
#include <vector>

#include "firmware/control/keystore/pem/chain.hpp"
#include "firmware/control/keystore/pem/issue.hpp"
#include "firmware/control/keystore/pem/pem.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::keystore;

namespace {

constexpr WallTime kNow{std::chrono::hours(24 * 365 * 56)};
constexpr auto kDay = std::chrono::hours(24);

PrivateKey key_of(const Secret& pem) {
  auto key = PrivateKey::from_pem(pem.text());
  CHECK(key.has_value());
  return std::move(*key);
}

PrivateKey new_key(Algorithm algorithm = Algorithm::p256) {
  const auto pem = make_key(algorithm);
  CHECK(pem.has_value());
  return key_of(*pem);
}

bool holds(const std::vector<std::string>& texts, std::string_view part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const auto& text) { return text.find(part) != std::string::npos; });
}

}  // namespace

TEST_GROUP(Pem){};

TEST(Pem, a_self_made_certificate_fits_its_key_and_carries_its_names) {
  for (const auto algorithm : {Algorithm::p256, Algorithm::p384, Algorithm::rsa}) {
    auto key = new_key(algorithm);
    const auto pem =
        self_signed(key, {"mail.example.org", "*.example.org", "192.0.2.1", "2001:db8::1"}, 90, kNow);
    CHECK(pem.has_value());
    const auto checked = check_chain(*pem, key.public_info(), kNow);
    LONGS_EQUAL(0, checked.faults.size());
    CHECK(checked.facts.self_signed);
    CHECK(holds(checked.facts.names, "mail.example.org") && holds(checked.facts.names, "*.example.org"));
    CHECK(holds(checked.facts.names, "192.0.2.1") && holds(checked.facts.names, "2001:db8::1"));
    CHECK(checked.facts.not_after == kNow + 90 * kDay);
    LONGS_EQUAL(64, checked.facts.fingerprint.size());
  }
}

TEST(Pem, another_key_does_not_fit) {
  auto key = new_key();
  auto other = new_key();
  const auto pem = self_signed(key, {"a.example"}, 90, kNow);
  CHECK(holds(check_chain(*pem, other.public_info(), kNow).faults, "does not fit"));
}

TEST(Pem, an_expired_certificate_is_refused_and_one_that_soon_will_be_is_warned_of) {
  auto key = new_key();
  const auto pem = self_signed(key, {"a.example"}, 90, kNow);
  const auto info = key.public_info();
  CHECK(holds(check_chain(*pem, info, kNow + 91 * kDay).faults, "expired"));
  CHECK(holds(check_chain(*pem, info, kNow + 80 * kDay).warnings, "two weeks"));
  CHECK(holds(check_chain(*pem, info, kNow - kDay).warnings, "not valid yet"));
}

TEST(Pem, what_does_not_belong_is_left_out_and_the_order_is_mended) {
  auto key = new_key();
  auto other = new_key();
  const auto mine = self_signed(key, {"a.example"}, 90, kNow);
  const auto stray = self_signed(other, {"stray.example"}, 90, kNow);
  const auto checked = check_chain(*stray + *mine, key.public_info(), kNow);
  LONGS_EQUAL(0, checked.faults.size());
  CHECK(holds(checked.warnings, "put in order") && holds(checked.warnings, "stray.example"));
  LONGS_EQUAL(1, checked.facts.certificates);
  CHECK(checked.pem == *mine);
}

TEST(Pem, a_key_survives_its_PEM_in_every_algorithm) {
  for (const auto algorithm : {Algorithm::rsa, Algorithm::p256, Algorithm::p384, Algorithm::ed25519}) {
    const auto pem = make_key(algorithm);
    CHECK(pem.has_value());
    auto one = key_of(*pem);
    auto two = key_of(*pem);
    CHECK(one.algorithm() == algorithm);
    CHECK(!one.public_info().empty() && one.public_info() == two.public_info());
  }
}

TEST(Pem, what_is_wrong_with_a_key_is_said) {
  const auto why = [](std::string_view text) {
    const auto key = PrivateKey::from_pem(text);
    return key ? std::string() : std::string(key.error().reason);
  };
  CHECK(why("") == "there is no private key");
  CHECK(why("-----BEGIN PRIVATE KEY-----\nAAAA\n") == "a PEM block is not closed");
  CHECK(why("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n").find("base64") !=
        std::string::npos);
  CHECK(why("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").find("damaged") !=
        std::string::npos);
  CHECK(why("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
            .find("encrypted") != std::string::npos);
}

TEST(Pem, names_that_cannot_stand_in_a_certificate_are_refused) {
  auto key = new_key();
  CHECK(!self_signed(key, {}, 90, kNow));
  CHECK(!self_signed(key, {"not a name"}, 90, kNow));
  CHECK(!self_signed(key,
                     {"b\xc3\xbc"
                      "cher.example"},
                     90, kNow));
  CHECK(!self_signed(key, {"a.example"}, 0, kNow));
  CHECK(!make_request(key, {"-"}, ""));
}

TEST(Pem, a_request_is_made_of_the_key_that_is_there) {
  auto key = new_key();
  const auto request = make_request(key, {"mail.example.org", "mx.example.org"}, "Example");
  CHECK(request.has_value());
  const auto blocks = read_pem(*request);
  CHECK(blocks && blocks->size() == 1 && blocks->front().label == "CERTIFICATE REQUEST");
  const auto info = key.public_info();
  const auto der = blocks->front().der.bytes();
  CHECK(std::search(der.begin(), der.end(), info.begin(), info.end()) != der.end());
}
