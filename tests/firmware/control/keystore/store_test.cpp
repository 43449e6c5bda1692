// What lies on disk opens only with the right key, under its own name and kind.
#include "firmware/control/keystore/store/store.hpp"

#include <fstream>

#include "firmware/control/keystore/store/files.hpp"
#include "tests/firmware/control/keystore/fresh_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::keystore;
using keystore_test::FreshDirectory;

namespace {

constexpr std::string_view kText = "correct horse battery staple";

Entry entry(const char* name) {
  Entry one;
  one.name = name;
  one.kind = Kind::secret;
  one.use = "mail";
  one.key = Secret::of(kText);
  return one;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Store open(const FreshDirectory& directory) {
  auto store = Store::open(directory.path());
  CHECK(store.has_value());
  return std::move(*store);
}

}  // namespace

TEST_GROUP(KeyStore) {
  FreshDirectory directory;
  Secret master = Secret::random(kMasterBytes);

  Store made() {
    auto store = open(directory);
    Slot slot{SlotKind::file, 1, file_parameters(), {}};
    wrap(slot, master, Secret::random(32));
    CHECK(store.create(master.copy(), std::move(slot)).has_value());
    return store;
  }
};

TEST(KeyStore, what_was_put_is_there_after_a_restart_and_not_readable_on_disk) {
  CHECK(made().unlock(master.copy()).has_value());
  auto store = made();
  CHECK(store.put(entry("relay")).has_value());
  CHECK(content(directory.path() + "/relay.key").find(kText) == std::string::npos);
  auto again = open(directory);
  CHECK(again.exists() && again.locked());
  CHECK(again.unlock(master.copy()).has_value());
  CHECK(again.find("relay") != nullptr && again.find("relay")->key.text() == kText);
}

TEST(KeyStore, another_master_key_opens_nothing_and_says_which) {
  CHECK(made().put(entry("relay")).has_value());
  auto store = open(directory);
  CHECK(store.unlock(Secret::random(kMasterBytes)).has_value());
  CHECK(store.entries().empty());
  LONGS_EQUAL(1, store.troubles().size());
  CHECK(store.troubles()[0].starts_with("relay.key: "));
}

TEST(KeyStore, a_file_under_another_name_does_not_open) {
  CHECK(made().put(entry("relay")).has_value());
  std::filesystem::rename(directory.path() + "/relay.key", directory.path() + "/other.key");
  auto store = open(directory);
  CHECK(store.unlock(master.copy()).has_value());
  CHECK(store.entries().empty());
}

TEST(KeyStore, any_changed_byte_is_noticed) {
  const auto sealed = seal(master, Kind::secret, "relay", as_bytes(kText));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= 1;
    const auto view = read_sealed(changed);
    CHECK(!view || !open_sealed(master, *view));
  }
  const auto view = read_sealed(sealed);
  CHECK(view && open_sealed(master, *view));
}

TEST(KeyStore, what_was_removed_is_gone) {
  auto store = made();
  CHECK(store.put(entry("relay")).has_value());
  CHECK(store.remove("relay").has_value());
  CHECK(!std::filesystem::exists(directory.path() + "/relay.key"));
}

TEST(KeyStore, a_passphrase_opens_its_slot_and_another_does_not) {
  Slot slot{SlotKind::passphrase, 1, passphrase_parameters(kLeastCost), {}};
  const auto right = passphrase_key("a good long passphrase", slot.parameters);
  const auto wrong = passphrase_key("a good long passphrasf", slot.parameters);
  CHECK(right && wrong);
  wrap(slot, master, *right);
  const auto read = read_slots(write_slots({slot}));
  CHECK(read && read->size() == 1);
  CHECK(unwrap(read->front(), *right).has_value());
  CHECK(!unwrap(read->front(), *wrong));
  // The parameters are authenticated: nobody makes a slot cheaper to try.
  auto cheaper = read->front();
  cheaper.kind = SlotKind::file;
  CHECK(!unwrap(cheaper, *right));
}

TEST(KeyStore, names_lead_nowhere_else) {
  for (const char* name : {"", ".", "..", "../x", "a/b", "A", "-x", ".x", "a b", "\xc3\xa4"})
    CHECK(!is_entry_name(name));
  for (const char* name : {"a", "mail.example.org", "0-9_z"}) CHECK(is_entry_name(name));
  CHECK(!is_entry_name(std::string(65, 'a')));
}
