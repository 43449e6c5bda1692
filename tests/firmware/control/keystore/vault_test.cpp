// The keystore's verbs, and the ways it is opened.
#include "firmware/control/keystore/service/vault.hpp"

#include "drivers/tpm/memory.hpp"
#include "firmware/control/keystore/pem/issue.hpp"
#include "tests/firmware/control/keystore/fresh_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::keystore;
using keystore_test::FreshDirectory;

namespace {

constexpr WallTime kNow{std::chrono::hours(24 * 365 * 56)};
constexpr auto kHour = std::chrono::hours(1);

// The chip outlives the vaults that use it.
class Borrowed : public tpm::Tpm {
 public:
  explicit Borrowed(tpm::MemoryTpm& chip) : chip_(chip) {}
  std::string what() const override { return chip_.what(); }
  Result<std::vector<std::uint8_t>, Fault> seal(Bytes secret) override { return chip_.seal(secret); }
  Result<std::size_t, Fault> unseal(Bytes object, MutableBytes into) override {
    return chip_.unseal(object, into);
  }

 private:
  tpm::MemoryTpm& chip_;
};

}  // namespace

TEST_GROUP(Vault) {
  FreshDirectory directory;
  tpm::MemoryTpm chip;
  WallTime now = kNow;

  Vault open(bool with_chip = false) {
    VaultOptions options;
    options.directory = directory.path();
    options.cost = kLeastCost;
    auto vault = Vault::open(std::move(options), with_chip ? std::make_unique<Borrowed>(chip) : nullptr, now);
    CHECK(vault.has_value());
    return std::move(*vault);
  }
  Json ask(Vault & vault, nlohmann::json question) {
    return vault.answer(question, now);
  }
  bool refused(const Json& answer, std::string_view field) {
    return answer.contains("error") &&
           (field.empty() ||
            answer.value("faults", Json::array()).dump().find("\"name\":\"" + std::string(field)) !=
                std::string::npos);
  }
  Json dkim(Vault & vault) {
    return ask(vault, {{"command", "keys.make"},
                       {"kind", "dkim"},
                       {"name", "org"},
                       {"domain", "example.org"},
                       {"selector", "s1"},
                       {"algorithm", "ed25519"}});
  }
};

TEST(Vault, the_first_start_makes_what_has_to_be_there_and_says_what_protects_it) {
  auto vault = open();
  const auto state = ask(vault, {{"command", "keys.state"}});
  STRCMP_EQUAL("file", state["opened_by"].get<std::string>().c_str());
  CHECK(state["said"].get<std::string>().find("whoever has the disk has the keys") != std::string::npos);
  LONGS_EQUAL(2, state["entries"].get<int>());
  CHECK(ask(vault, {{"command", "keys.show"}, {"name", "web"}})["entry"]["self_signed"].get<bool>());
}

TEST(Vault, sealed_by_the_chip_the_store_opens_with_that_chip_in_that_state_only) {
  open(true);
  auto again = open(true);
  CHECK(!again.locked());
  chip.state = 1;
  CHECK(open(true).locked());
  chip.state = 0;
  auto bare = open(false);
  CHECK(bare.locked());
  CHECK(refused(ask(bare, {{"command", "keys.list"}}), ""));
  CHECK(!std::filesystem::exists(directory.path() + "/unlock"));
}

TEST(Vault, a_passphrase_instead_of_the_file_has_to_be_given_after_a_start) {
  {
    auto vault = open();
    CHECK(refused(ask(vault, {{"command", "keys.protect"}, {"by", "passphrase"}, {"passphrase", "short"}}),
                  "passphrase"));
    ask(vault, {{"command", "keys.protect"},
                {"by", "passphrase"},
                {"passphrase", "a long enough one"},
                {"drop", "file"}});
  }
  CHECK(!std::filesystem::exists(directory.path() + "/unlock"));
  auto vault = open();
  CHECK(vault.locked());
  CHECK(refused(ask(vault, {{"command", "keys.unlock"}, {"passphrase", "a wrong long one"}}), "passphrase"));
  CHECK(vault.grants("admin").all.empty());
  CHECK(!ask(vault, {{"command", "keys.unlock"}, {"passphrase", "a long enough one"}}).contains("error"));
  CHECK(!vault.locked() && !vault.grants("admin").all.empty());
}

TEST(Vault, the_last_way_to_open_the_store_cannot_be_dropped) {
  auto vault = open();
  CHECK(refused(ask(vault, {{"command", "keys.protect"}, {"drop", "file"}}), "drop"));
}

TEST(Vault, each_process_gets_what_its_row_says) {
  auto vault = open();
  ask(vault, {{"command", "keys.make"}, {"kind", "tls"}, {"name", "mx"}, {"names", {"mx.example.org"}}});
  ask(vault, {{"command", "keys.make"}, {"kind", "secret"}, {"name", "relay"}, {"text", "hunter2hunter2"}});
  const auto plane = vault.grants("dataplane");
  LONGS_EQUAL(2, plane.all.size());
  CHECK(plane.find(ipc::GrantKind::tls, "mx") != nullptr);
  CHECK(plane.find(ipc::GrantKind::secret, "relay")->key == "hunter2hunter2");
  const auto admin = vault.grants("admin");
  LONGS_EQUAL(2, admin.all.size());
  CHECK(admin.find(ipc::GrantKind::tls, "web") != nullptr &&
        admin.find(ipc::GrantKind::pepper, "pepper") != nullptr);
  for (const char* other : {"resolver", "console", "launcher", "", "reporter"})
    CHECK(vault.grants(other).all.empty());
}

TEST(Vault, no_answer_has_a_secret_in_it) {
  auto vault = open();
  const auto pem = make_key(Algorithm::p256);
  auto key = PrivateKey::from_pem(pem->text());
  const auto chain = self_signed(*key, {"mx.example.org"}, 90, now);
  std::string all;
  all +=
      ask(vault,
          {{"command", "keys.upload"}, {"name", "mx"}, {"key", std::string(pem->text())}, {"chain", *chain}})
          .dump();
  all += ask(vault,
             {{"command", "keys.make"}, {"kind", "secret"}, {"name", "relay"}, {"text", "hunter2hunter2"}})
             .dump();
  all += dkim(vault).dump();
  for (const char* name : {"mx", "relay", "org", "web", "pepper"})
    all += ask(vault, {{"command", "keys.show"}, {"name", name}}).dump();
  all += ask(vault, {{"command", "keys.list"}}).dump() +
         ask(vault, {{"command", "keys.csr"}, {"name", "mx"}}).dump();
  CHECK(all.find("PRIVATE") == std::string::npos);
  CHECK(all.find("hunter2") == std::string::npos);
  CHECK(all.find("CERTIFICATE REQUEST") != std::string::npos);
}

TEST(Vault, the_secrets_of_a_question_are_wiped_from_it) {
  auto vault = open();
  nlohmann::json question{
      {"command", "keys.make"}, {"kind", "secret"}, {"name", "relay"}, {"text", "hunter2hunter2"}};
  vault.answer(question, now);
  CHECK(question.dump().find("hunter2") == std::string::npos);
}

TEST(Vault, a_certificate_is_renewed_with_the_key_that_is_there) {
  auto vault = open();
  const auto pem = make_key(Algorithm::p256);
  auto key = PrivateKey::from_pem(pem->text());
  const auto first = self_signed(*key, {"mx.example.org"}, 20, now);
  const auto second = self_signed(*key, {"mx.example.org"}, 200, now);
  ask(vault,
      {{"command", "keys.upload"}, {"name", "mx"}, {"key", std::string(pem->text())}, {"chain", *first}});
  const auto before = vault.revision();
  const auto answer = ask(vault, {{"command", "keys.upload"}, {"name", "mx"}, {"chain", *second}});
  LONGS_EQUAL(200, answer["entry"]["days_left"].get<int>());
  CHECK(vault.revision() > before);
  CHECK(refused(ask(vault, {{"command", "keys.upload"}, {"name", "none"}, {"chain", *second}}), "key"));
}

TEST(Vault, a_key_that_signs_mail_lives_its_life) {
  auto vault = open();
  auto entry = dkim(vault)["entry"];
  STRCMP_EQUAL("new", entry["state"].get<std::string>().c_str());
  CHECK(entry["zone_line"].get<std::string>().starts_with("s1._domainkey.example.org."));
  CHECK(vault.grants("dataplane").signing("org") == nullptr);
  ask(vault, {{"command", "keys.seen"}, {"name", "org"}, {"seen", true}});
  now += kHour;
  vault.tick(now);
  CHECK(vault.grants("dataplane").signing("org") != nullptr);
  const auto next = ask(vault, {{"command", "keys.rotate"}, {"name", "org"}, {"selector", "s2"}})["entry"];
  STRCMP_EQUAL("org.2", next["name"].get<std::string>().c_str());
  CHECK(refused(ask(vault, {{"command", "keys.rotate"}, {"name", "org"}}), "name"));
  ask(vault, {{"command", "keys.seen"}, {"name", "org.2"}, {"seen", true}});
  now += kHour;
  vault.tick(now);
  STRCMP_EQUAL("s2", vault.grants("dataplane").signing("org")->selector.c_str());
  now += 24 * 7 * kHour;
  vault.tick(now);
  const auto old = ask(vault, {{"command", "keys.show"}, {"name", "org"}})["entry"];
  STRCMP_EQUAL("removed", old["state"].get<std::string>().c_str());
  CHECK(!old.contains("record"));
}

TEST(Vault, by_hand_a_key_moves_only_where_a_person_is_sure) {
  auto vault = open();
  dkim(vault);
  const nlohmann::json move{{"command", "keys.rotate"}, {"name", "org"}, {"to", "signing"}};
  CHECK(refused(ask(vault, move), "sure"));
  auto sure = move;
  sure["sure"] = true;
  CHECK(!ask(vault, sure).contains("error"));
  CHECK(vault.grants("dataplane").signing("org") != nullptr);
}

TEST(Vault, what_a_question_lacks_is_named) {
  auto vault = open();
  CHECK(refused(ask(vault, {{"command", "keys.make"}, {"kind", "tls"}, {"name", "A"}}), "name"));
  CHECK(refused(ask(vault, {{"command", "keys.make"}, {"kind", "tls"}, {"name", "a"}}), "names"));
  CHECK(refused(ask(vault, {{"command", "keys.make"}, {"kind", "dkim"}, {"name", "a"}}), "domain"));
  CHECK(refused(ask(vault, {{"command", "keys.make"}, {"kind", "x"}, {"name", "a"}}), "kind"));
  CHECK(refused(ask(vault, {{"command", "keys.delete"}, {"name", "web"}, {"sure", true}}), "name"));
  CHECK(refused(ask(vault, {{"command", "give"}, {"process", "dataplane"}}), ""));
  CHECK(refused(ask(vault, {{"command", 7}}), "command"));
  CHECK(refused(ask(vault, nlohmann::json::array()), ""));
}
