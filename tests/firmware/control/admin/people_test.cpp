// People, sessions and tokens in their database.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "firmware/control/admin/people/backoff.hpp"
#include "firmware/control/admin/people/people.hpp"
#include "firmware/control/admin/people/secrets.hpp"
#include "firmware/control/admin/people/totp.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::admin;

namespace {
constexpr std::int64_t kNow = 1'800'000'000;
const SessionTimes kTimes{900, 43200};
}  // namespace

TEST_GROUP(AdminPeople) {
  std::string directory;
  std::unique_ptr<People> people;

  void setup() override {
    std::string pattern = std::filesystem::temp_directory_path() / "admin-people-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    people = std::make_unique<People>(directory + "/people.sqlite");
    add("anna", "owner");
  }
  void teardown() override {
    people.reset();
    std::filesystem::remove_all(directory);
  }
  bool add(const char* name, const char* role) {
    User user;
    user.name = name;
    user.role = role;
    user.created = kNow;
    return people->add_user(user, "hash of " + user.name);
  }
  std::string log_in(const char* user, const char* state = "full") {
    Session session;
    session.user = user;
    session.state = state;
    return people->add_session(session, kTimes, kNow);
  }
  std::string code_now(const std::string& secret, std::int64_t at) {
    const auto raw = *base32_decoded(secret);
    return hotp(as_bytes(raw), static_cast<std::uint64_t>(at / 30));
  }
};

TEST(AdminPeople, ANameIsTakenOnce) {
  CHECK(!add("anna", "auditor"));
  STRCMP_EQUAL("owner", people->user("anna")->role.c_str());
}

TEST(AdminPeople, TheLastOwnerStaysOne) {
  add("bert", "operator");
  CHECK(people->change_user("anna", "operator", {}) == People::Changed::last_owner);
  CHECK(people->remove_user("anna") == People::Changed::last_owner);
  CHECK(people->change_user("bert", "owner", {}) == People::Changed::yes);
  CHECK(people->remove_user("anna") == People::Changed::yes);
  CHECK(!people->user("anna"));
}

TEST(AdminPeople, ASessionIsFoundByItsSecretOnly) {
  const auto secret = log_in("anna");
  CHECK(people->session(secret, kTimes, kNow).has_value());
  CHECK(!people->session(secret + "x", kTimes, kNow));
  CHECK(!people->session("", kTimes, kNow));
  const auto id = people->session(secret, kTimes, kNow)->id;
  CHECK(!people->session(id, kTimes, kNow));
}

TEST(AdminPeople, ASessionEndsWhenIdleAndInAnyCase) {
  const auto secret = log_in("anna");
  CHECK(!people->session(secret, kTimes, kNow + 901));
  std::int64_t at = kNow;
  while (at < kNow + 43000)
    CHECK(people->session(secret, kTimes, at += 800).has_value() || at >= kNow + 43200);
  CHECK(!people->session(secret, kTimes, kNow + 43200));
}

TEST(AdminPeople, ListeningIsNoSignOfLife) {
  const auto secret = log_in("anna");
  CHECK(people->session(secret, kTimes, kNow + 800, false).has_value());
  CHECK(!people->session(secret, kTimes, kNow + 1000, false));
}

TEST(AdminPeople, ARenewedSessionHasAnotherSecretAndToken) {
  const auto before = log_in("anna", "second_factor");
  const auto session = people->session(before, kTimes, kNow);
  const auto after = people->renew_session(session->id, "anna", "full");
  CHECK(!people->session(before, kTimes, kNow));
  STRCMP_EQUAL("full", people->session(after, kTimes, kNow)->state.c_str());
  CHECK(people->session(after, kTimes, kNow)->csrf != session->csrf);
}

TEST(AdminPeople, OthersCannotEndASession) {
  const auto id = people->session(log_in("anna"), kTimes, kNow)->id;
  CHECK(!people->end_session(id, "bert"));
  CHECK(people->end_session(id, "anna"));
  CHECK(!people->end_session(id, std::nullopt));
}

TEST(AdminPeople, ANewPasswordEndsTheOtherSessions) {
  const auto here = log_in("anna");
  const auto there = log_in("anna");
  people->set_password("anna", "new", false, people->session(here, kTimes, kNow)->id);
  CHECK(people->session(here, kTimes, kNow).has_value());
  CHECK(!people->session(there, kTimes, kNow));
}

TEST(AdminPeople, TheTwentyFirstSessionEndsTheOldest) {
  const auto first = log_in("anna");
  for (int i = 0; i < 19; ++i) log_in("anna");
  CHECK(people->session(first, kTimes, kNow + 20).has_value());  // seen last
  log_in("anna");
  LONGS_EQUAL(20, people->sessions("anna", kTimes, kNow).size());
}

TEST(AdminPeople, ADeviceCountsFromItsFirstRightCode) {
  const auto made = people->add_device("anna", "phone", kNow);
  CHECK(!people->use_code("anna", code_now(made.secret, kNow), kNow));
  CHECK(!people->confirm_device("anna", made.id, "000000", kNow) || code_now(made.secret, kNow) == "000000");
  CHECK(people->confirm_device("anna", made.id, code_now(made.secret, kNow), kNow));
  CHECK(!people->use_code("anna", code_now(made.secret, kNow), kNow));  // used to confirm it
  CHECK(people->use_code("anna", code_now(made.secret, kNow + 60), kNow + 60));
  CHECK(!people->use_code("anna", code_now(made.secret, kNow + 60), kNow + 60));
}

TEST(AdminPeople, TheLastDeviceStays) {
  const auto first = people->add_device("anna", "phone", kNow);
  people->confirm_device("anna", first.id, code_now(first.secret, kNow), kNow);
  CHECK(people->remove_device("anna", first.id) == People::Removed::last_one);
  const auto second = people->add_device("anna", "key", kNow);
  people->confirm_device("anna", second.id, code_now(second.secret, kNow), kNow);
  CHECK(people->remove_device("anna", first.id) == People::Removed::yes);
}

TEST(AdminPeople, ARecoveryCodeIsGoodOnceHoweverItIsTyped) {
  const auto codes = people->make_recovery_codes("anna");
  LONGS_EQUAL(10, codes.size());
  std::string typed = codes[3];
  for (char& c : typed) c = c == '-' ? ' ' : static_cast<char>(std::toupper(c));
  CHECK(!people->use_recovery_code("bert", typed));
  CHECK(people->use_recovery_code("anna", typed));
  CHECK(!people->use_recovery_code("anna", codes[3]));
  LONGS_EQUAL(9, people->user("anna")->recovery_codes);
}

TEST(AdminPeople, ATokenExpiresAndCanBeRevoked) {
  Token token;
  token.id = make_id();
  token.user = "anna";
  token.scope = "read metrics";
  token.expires = kNow + 10;
  const auto secret = people->add_token(token, kNow);
  STRCMP_EQUAL("read metrics", people->token(secret, "::1", kNow)->scope.c_str());
  CHECK(!people->token(secret, "::1", kNow + 10));
  CHECK(!people->remove_token(token.id, "bert"));
  CHECK(people->remove_token(token.id, "anna"));
  CHECK(!people->token(secret, "::1", kNow));
}

TEST(AdminPeople, NothingSecretIsInTheFile) {
  const auto session = log_in("anna");
  Token token;
  token.id = make_id();
  token.user = "anna";
  token.expires = kNow + 10;
  const auto secret = people->add_token(token, kNow);
  const auto codes = people->make_recovery_codes("anna");
  people.reset();
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::FILE* file = std::fopen(entry.path().c_str(), "rb");
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) all.append(buffer, n);
    std::fclose(file);
  }
  CHECK(all.find("anna") != std::string::npos);
  CHECK(all.find(session) == std::string::npos);
  CHECK(all.find(secret) == std::string::npos);
  CHECK(all.find(codes[0]) == std::string::npos);
}

TEST_GROUP(AdminBackoff) {
  Backoff backoff;
};

TEST(AdminBackoff, TheFirstTriesAreFree) {
  for (int i = 0; i < 5; ++i) backoff.failed("anna", "192.0.2.1", kNow);
  LONGS_EQUAL(0, backoff.wait("anna", "192.0.2.9", kNow));
  backoff.failed("anna", "192.0.2.1", kNow);
  LONGS_EQUAL(2, backoff.wait("anna", "192.0.2.9", kNow));
}

TEST(AdminBackoff, AnAccountNeverWaitsLongerThanHalfAMinute) {
  for (int i = 0; i < 1000; ++i) backoff.failed("anna", "192.0.2." + std::to_string(i), kNow);
  LONGS_EQUAL(30, backoff.wait("anna", "elsewhere", kNow));
  LONGS_EQUAL(0, backoff.wait("anna", "elsewhere", kNow + 30));
}

TEST(AdminBackoff, ASourceWaitsLongerAndIsForgiven) {
  for (int i = 0; i < 100; ++i) backoff.failed("user" + std::to_string(i), "192.0.2.1", kNow);
  LONGS_EQUAL(900, backoff.wait("bert", "192.0.2.1", kNow));
  backoff.succeeded("bert", "192.0.2.1");
  LONGS_EQUAL(0, backoff.wait("bert", "192.0.2.1", kNow));
}

TEST(AdminBackoff, ItsMemoryIsBounded) {
  for (int i = 0; i < 20000; ++i) backoff.failed(std::to_string(i), std::to_string(i), kNow + i);
  LONGS_EQUAL(0, backoff.wait("0", "0", kNow));
}
