// The console before and at the login, as a person meets it.
#include "firmware/control/console/session.hpp"

#include <CppUTest/TestHarness.h>

#include "tests/firmware/control/console/rig.hpp"

using namespace postern;
using namespace postern::control::console;

TEST_GROUP(BeforeLogin){};

TEST(BeforeLogin, TheFirstScreenTellsWhatABoxIs) {
  Rig rig(at_the_box());
  rig.code = "moss-lake-7";
  rig.begin();
  for (const auto* text : {"Postern 9.9", "mail.example.net", "slot        a", "192.0.2.7",
                           "https://192.0.2.7/", "aaaa aaaa", "moss-lake-7", "mail runs"})
    CHECK_TEXT(rig.screen.shows(text), text);
}

TEST(BeforeLogin, WhatIsNotThereIsSaidToBeMissing) {
  Rig rig(at_the_box());
  rig.silent = true;
  rig.begin();
  CHECK(rig.screen.shows("setup code  not yet"));
  CHECK(rig.screen.shows("postern-control does not answer"));
}

TEST(BeforeLogin, TheFirstScreenFitsOnEightyByTwentyFourInAscii) {
  Rig rig(at_the_box());
  rig.begin();
  CHECK(std::all_of(rig.sent.begin(), rig.sent.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(std::count(rig.sent.begin(), rig.sent.end(), '\n') < 24);
}

TEST(BeforeLogin, AtTheBoxTheFirstOneNeedsNoPassword) {
  Rig rig(at_the_box());
  rig.begin();
  rig.enter("");
  CHECK(rig.session.logged_in());
  CHECK(rig.screen.shows("0  Command line"));
}

TEST(BeforeLogin, ElsewhereTheFirstOneNeedsTheCode) {
  Rig rig;
  rig.code = "moss-lake-7";
  rig.begin();
  CHECK(!rig.screen.shows("moss-lake-7"));
  rig.enter("guess");
  CHECK(!rig.session.logged_in());
  rig.pass(std::chrono::seconds(2));
  CHECK(!rig.session.logged_in());
  rig.enter("moss-lake-7");
  CHECK(!rig.session.logged_in());  // a name is asked for after a failure; the code is none
}

TEST(BeforeLogin, APasswordIsNeverOnTheScreen) {
  Rig rig;
  rig.passwords["anna"] = "correct horse";
  rig.begin();
  rig.enter("anna");
  rig.enter("correct horse");
  CHECK(rig.session.logged_in());
  CHECK(rig.sent.find("correct") == std::string::npos);
}

TEST(BeforeLogin, FailuresTakeTimeButNeverLockOut) {
  Rig rig;
  rig.passwords["anna"] = "correct horse";
  rig.begin();
  for (int i = 0; i < 8; ++i) {
    rig.enter("anna");
    rig.enter("wrong");
    CHECK(!rig.session.logged_in());
    rig.pass(std::chrono::seconds(31));
  }
  rig.enter("anna");
  rig.enter("correct horse");
  CHECK(rig.session.logged_in());
}

TEST(BeforeLogin, TheWayBackInIsOnlyAtTheBox) {
  Rig away;
  away.passwords["admin"] = "forgotten words";
  away.begin();
  away.enter("recover");
  away.enter("admin");
  CHECK(away.screen.shows("only at the box's own serial line"));
  Rig here(at_the_box());
  here.passwords["admin"] = "forgotten words";
  here.begin();
  here.enter("recover");
  here.enter("admin");
  here.enter("ABCD-2345");
  here.enter("new long words");
  here.enter("new long words");
  STRCMP_EQUAL("new long words", here.passwords["admin"].c_str());
  CHECK(here.sent.find("new long") == std::string::npos);
}

TEST(BeforeLogin, AWrongCodeOfPresenceChangesNothing) {
  Rig rig(at_the_box());
  rig.passwords["admin"] = "forgotten words";
  rig.begin();
  rig.enter("recover");
  rig.enter("admin");
  rig.enter("ABCD-9999");
  CHECK(rig.screen.shows("not the code"));
  STRCMP_EQUAL("forgotten words", rig.passwords["admin"].c_str());
}
