// The numbered menu, and what a slow line has to carry.
#include "firmware/control/console/session.hpp"

#include <CppUTest/TestHarness.h>

#include "tests/firmware/control/console/rig.hpp"

using namespace postern;
using namespace postern::control::console;

TEST_GROUP(ForTheHurried) {
  Rig rig{at_the_box(), 40};
  void setup() override {
    rig.begin();
    rig.enter("");
  }
};

TEST(ForTheHurried, AnAddressIsSetAndWaitsForConfirmation) {
  rig.enter("2");
  rig.enter("wan");
  rig.enter("192.0.2.10/24 2001:db8::10/64");
  rig.enter("192.0.2.1");
  CHECK(rig.screen.shows("+ interface.wan.addresses 192.0.2.10/24"));
  rig.enter("yes");
  CHECK(rig.store.pending().has_value());
  rig.pass(std::chrono::seconds(5));
  rig.enter("c");
  CHECK(!rig.store.pending().has_value());
  STRCMP_EQUAL("192.0.2.10/24\n2001:db8::10/64",
               rig.store.running().values.at("interface.wan.addresses").c_str());
}

TEST(ForTheHurried, ANoLeavesNothingBehind) {
  rig.enter("2");
  rig.enter("wan");
  rig.enter("192.0.2.10/24");
  rig.enter("");
  rig.enter("no");
  LONGS_EQUAL(0, rig.store.running().number);
  LONGS_EQUAL(0, rig.store.candidate_size({"admin", "console", ""}));
}

TEST(ForTheHurried, AGenerationIsRestoredWithItsDifferenceShown) {
  rig.store.set({"x", "cli", ""}, {{"host_name", "one.example"}}, rig.now());
  rig.store.commit({"x", "cli", ""}, {}, rig.now());
  rig.store.set({"x", "cli", ""}, {{"host_name", "two.example"}}, rig.now());
  rig.store.commit({"x", "cli", ""}, {}, rig.now());
  rig.enter("5");
  rig.enter("1");
  CHECK(rig.screen.shows("+ host_name one.example"));
  CHECK(rig.sent.find("\x1b[32m+ host_name one.example") != std::string::npos);
  rig.enter("yes");
  STRCMP_EQUAL("one.example", rig.store.running().values.at("host_name").c_str());
}

TEST(ForTheHurried, CtrlCComesBackToTheMenu) {
  rig.enter("2");
  rig.type("wa\x03");
  CHECK(rig.screen.current().starts_with("choice:"));
  rig.enter("q");
  CHECK(!rig.session.logged_in());
}

// What a slow line has to carry: 9600 baud are 960 bytes in a second.
TEST_GROUP(ByteBudget) {
  Rig rig{at_the_box()};
};

TEST(ByteBudget, TheFirstScreenTakesUnderTwoSeconds) {
  rig.begin();
  CHECK(rig.sent.size() < 1920);
}

TEST(ByteBudget, TypingCostsOneByteForAKey) {
  rig.log_in();
  rig.sent.clear();
  rig.type("show queue to-domain example.org");
  LONGS_EQUAL(32, rig.sent.size());
}

TEST(ByteBudget, AShortCommandIsAQuarterOfASecond) {
  rig.log_in();
  rig.enter("configure");
  rig.sent.clear();
  rig.enter("set host_name mx.example.org");
  CHECK(rig.sent.size() < 240);
  rig.sent.clear();
  rig.session.announce("*** settings changed: generation 7 by anna (web)");
  rig.pump();
  CHECK(rig.sent.size() < 120);
}
