// RSA signatures are made on a thread of their own, for every core.
#include <chrono>
#include <string>
#include <thread>

#include "firmware/dataplane/mail_signer/mail_signer.hpp"
#include "tests/firmware/tls/test_credentials.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using dataplane::MailSigner;

namespace {

const std::string& rsa_pem() {
  static const auto pem =
      tls::test::output_of("openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 2>/dev/null");
  return pem;
}

const std::string& ed25519_pem() {
  static const auto pem = tls::test::output_of("openssl genpkey -algorithm ed25519");
  return pem;
}

bool wait_for(dataplane::SignatureLane& lane, shard::SignatureTicket& ticket, dkim::Signature& signature) {
  for (int i = 0; i < 30000; ++i) {
    if (lane.ready(ticket, signature)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

dkim::Digest digest(int number) {
  dkim::Digest made{};
  made[0] = static_cast<std::uint8_t>(number);
  made[1] = static_cast<std::uint8_t>(number >> 8);
  return made;
}

}  // namespace

TEST_GROUP(MailSigner){};

TEST(MailSigner, SignsAsTheKeyItselfWouldOnEveryCore) {
  const auto signer =
      MailSigner::start({{"a.example", "s1", ed25519_pem()}, {"a.example", "s2", rsa_pem()}}, 2);
  CHECK_TRUE(signer.has_value());
  auto key = dkim::Key::from_pem(rsa_pem());
  for (std::size_t core = 0; core < 2; ++core) {
    auto& lane = (*signer)->lane(core);
    CHECK_TRUE(lane.ask(7 + core, 1, digest(3)));
    shard::SignatureTicket ticket = 0;
    dkim::Signature signature;
    CHECK_TRUE(wait_for(lane, ticket, signature));
    LONGS_EQUAL(7 + core, ticket);
    CHECK_TRUE(signature == *key->sign(digest(3)));
  }
}

TEST(MailSigner, AKeyThatIsNotThereSignsNothing) {
  const auto signer = MailSigner::start({{"a.example", "s2", rsa_pem()}}, 1);
  auto& lane = (*signer)->lane(0);
  CHECK_TRUE(lane.ask(1, 5, digest(0)));
  shard::SignatureTicket ticket = 0;
  dkim::Signature signature(3);
  CHECK_TRUE(wait_for(lane, ticket, signature));
  CHECK_TRUE(signature.empty());
}

TEST(MailSigner, AnswersComeInOrderAndNoneIsLostWhenTheRingIsFull) {
  const auto signer = MailSigner::start({{"a.example", "s2", rsa_pem()}}, 1);
  auto& lane = (*signer)->lane(0);
  shard::SignatureTicket asked = 0;
  int refused = 0;
  while (refused < 20 && asked < 2000) {
    if (lane.ask(asked + 1, 0, digest(1))) {
      ++asked;
    } else {
      ++refused;
    }
  }
  CHECK_TRUE(refused > 0);
  shard::SignatureTicket ticket = 0;
  dkim::Signature signature;
  for (shard::SignatureTicket i = 1; i <= asked; ++i) {
    CHECK_TRUE(wait_for(lane, ticket, signature));
    LONGS_EQUAL(i, ticket);
    LONGS_EQUAL(256, signature.size());
  }
}

TEST(MailSigner, WithoutAnRsaKeyThereIsNoThread) {
  const auto none = MailSigner::start({{"a.example", "s1", ed25519_pem()}}, 1);
  CHECK_TRUE(none.has_value());
  CHECK_TRUE(*none == nullptr);
  CHECK_FALSE(MailSigner::start({{"a.example", "s1", "nonsense"}}, 1).has_value());
}
