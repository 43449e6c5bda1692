// Passwords are checked on a thread of their own, by argon2id.
#include <chrono>
#include <thread>

#include "firmware/dataplane/login_checker/login_checker.hpp"
#include "platform/password/password.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using dataplane::LoginChecker;

TEST_GROUP(Logins) {
  LoginChecker checker{2};

  void setup() override {
    checker.set_users({{"ann", *password::hash("secret")}});
  }

  smtp::LoginAnswer ask(const char* user, const std::string& password, std::size_t core = 0) {
    auto& lane = checker.lane(core);
    if (!lane.ask(7, {user, password})) return smtp::LoginAnswer::try_later;
    shard::LoginTicket ticket = 0;
    auto answer = smtp::LoginAnswer::try_later;
    for (int i = 0; i < 6000 && !lane.ready(ticket, answer); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    LONGS_EQUAL(7, ticket);
    return answer;
  }
};

TEST(Logins, TheRightPasswordIsRightOnEveryCore) {
  CHECK(ask("ann", "secret") == smtp::LoginAnswer::right);
  CHECK(ask("ann", "secret", 1) == smtp::LoginAnswer::right);
}

TEST(Logins, AWrongPasswordAnUnknownUserAndNothingAreWrong) {
  CHECK(ask("ann", "Secret") == smtp::LoginAnswer::wrong);
  CHECK(ask("bob", "secret") == smtp::LoginAnswer::wrong);
  CHECK(ask("bob", "x") == smtp::LoginAnswer::wrong);
  CHECK(ask("", "") == smtp::LoginAnswer::wrong);
  CHECK(ask("ann", std::string(300, 's')) == smtp::LoginAnswer::wrong);
}

TEST(Logins, NewUsersCountAtOnce) {
  checker.set_users({{"bob", *password::hash("other")}});
  CHECK(ask("ann", "secret") == smtp::LoginAnswer::wrong);
  CHECK(ask("bob", "other") == smtp::LoginAnswer::right);
}

TEST(Logins, TheQueueIsBounded) {
  auto& lane = checker.lane(0);
  int taken = 0;
  while (taken < 1000 && lane.ask(1, {"ann", "secret"})) ++taken;
  CHECK(taken < 1000);
}

TEST(Logins, AHashThatIsNoneMatchesNothing) {
  CHECK(!password::matches("", ""));
  CHECK(!password::matches("secret", "secret"));
  CHECK(!password::matches(std::string(500, '$'), "x"));
  CHECK(password::hash("a")->starts_with("$argon2id$"));
}
