// The command line of the console, with the real store of settings behind the door.
#include "firmware/control/console/session.hpp"

#include <CppUTest/TestHarness.h>

#include "tests/firmware/control/console/rig.hpp"

using namespace postern;
using namespace postern::control::console;

TEST_GROUP(CommandLine) {
  Rig rig{at_the_box()};
  void setup() override {
    rig.log_in();
  }
};

TEST(CommandLine, ASettingIsSetComparedAndCommitted) {
  rig.enter("configure");
  rig.enter("set host_name mx.example.org");
  rig.enter("compare");
  CHECK(rig.screen.shows("+ host_name mx.example.org"));
  LONGS_EQUAL(0, rig.store.running().number);
  rig.enter("commit comment a better name");
  CHECK(rig.screen.shows("generation 1 is in force"));
  STRCMP_EQUAL("a better name", rig.store.running().comment.c_str());
  STRCMP_EQUAL("console", rig.store.running().source.c_str());
  STRCMP_EQUAL("admin", rig.store.running().author.c_str());
}

TEST(CommandLine, AFaultNamesTheSettingAndWhatWouldBeRight) {
  rig.enter("configure");
  rig.enter("set smtp.recipients 3");
  CHECK(rig.screen.shows("smtp.recipients"));
  CHECK(rig.screen.shows("100"));
}

TEST(CommandLine, WhatIsNotConfirmedGoesBackAndThatIsAnnounced) {
  rig.pass(std::chrono::seconds(5));
  rig.enter("configure");
  rig.enter("set host_name mx.example.org");
  rig.enter("commit confirmed 1");
  CHECK(rig.screen.shows("unless you say `confirm`"));
  rig.pass(std::chrono::seconds(5));
  rig.type("show se");
  for (int i = 0; i < 20; ++i) rig.pass(std::chrono::seconds(5));
  CHECK_TEXT(rig.screen.shows("***"), rig.screen.all().c_str());
  CHECK(rig.store.running().values.count("host_name") == 0);
  // The line that was being typed stands below the news, whole.
  CHECK(rig.screen.current().ends_with("# show se"));
}

TEST(CommandLine, ConfirmKeepsIt) {
  rig.enter("configure");
  rig.enter("set host_name mx.example.org");
  rig.enter("commit confirmed 1");
  rig.enter("confirm");
  for (int i = 0; i < 20; ++i) rig.pass(std::chrono::seconds(5));
  STRCMP_EQUAL("mx.example.org", rig.store.running().values.at("host_name").c_str());
}

TEST(CommandLine, AnEarlierGenerationComesBack) {
  rig.enter("configure");
  rig.enter("set host_name one.example");
  rig.enter("commit");
  rig.enter("set host_name two.example");
  rig.enter("commit");
  rig.enter("rollback 1");
  rig.enter("compare");
  CHECK(rig.screen.shows("- host_name two.example") && rig.screen.shows("+ host_name one.example"));
  rig.enter("commit");
  STRCMP_EQUAL("one.example", rig.store.running().values.at("host_name").c_str());
}

TEST(CommandLine, ElementsAreAddedToAListAndTaken) {
  rig.enter("configure");
  rig.enter("set domains.served a.example");
  rig.enter("add domains.served b.example c.example");
  rig.enter("remove domains.served a.example");
  rig.enter("show candidate domains");
  CHECK(rig.screen.shows("b.example, c.example"));
}

TEST(CommandLine, EditShortensNames) {
  rig.enter("configure");
  rig.enter("edit smtp");
  CHECK(rig.screen.current().ends_with("smtp# ") || rig.screen.current().ends_with("smtp#"));
  rig.enter("set recipients 500");
  rig.enter("top");
  rig.enter("commit");
  STRCMP_EQUAL("500", rig.store.running().values.at("smtp.recipients").c_str());
}

TEST(CommandLine, ASecretIsNeverEchoedAndNeverKept) {
  const auto* secret = [] {
    for (const auto& setting : ipc::settings_schema()) {
      if (setting.secret && setting.name.find('<') == std::string_view::npos) return &setting;
    }
    return static_cast<const ipc::Setting*>(nullptr);
  }();
  if (secret == nullptr) return;
  rig.enter("configure");
  rig.sent.clear();
  const std::string name(secret->name);
  for (const char c : "set " + name + " hunter2hunter2") rig.type(std::string(1, c));
  rig.type("\x1b[D\x1b[D\x1b[C\x01\x05\r");
  rig.enter("set " + name);
  rig.enter("hunter2hunter2");
  for (int i = 0; i < 6; ++i) rig.type("\x1b[A");
  CHECK(rig.sent.find("hunter") == std::string::npos);
  CHECK(rig.screen.current().find("hunter") == std::string::npos);
}

TEST(CommandLine, TabCompletesOutOfTheSchema) {
  rig.enter("configure");
  rig.type("set host_\t");
  CHECK(rig.screen.current().ends_with("set host_name"));
  rig.type("\x15set office.tls \t");
  CHECK(rig.screen.shows("opportunistic"));
  rig.type("opp\t\r");
  rig.enter("show candidate");
  CHECK(rig.screen.shows("office.tls"));
}

TEST(CommandLine, AQuestionMarkExplains) {
  rig.type("show ?");
  CHECK(rig.screen.shows("status") && rig.screen.shows("how the box is"));
  CHECK(rig.screen.current().ends_with("> show"));
  rig.type("\x15");
  rig.enter("configure");
  rig.type("set smtp.recipients ?");
  CHECK(rig.screen.shows("100"));
}

TEST(CommandLine, ProgramsAreAskedForAndTheirOutputIsFiltered) {
  rig.output = "line one\nline two\nother\n";
  rig.enter("show queue to-domain a.example | match line | count");
  CHECK((rig.words == std::vector<std::string>{"queue", "list", "--to-domain", "a.example"}));
  CHECK(rig.screen.shows("count: 2"));
  rig.enter("show status | json");
  CHECK((rig.words == std::vector<std::string>{"status", "--json"}));
}

TEST(CommandLine, LongOutputComesInPages) {
  for (int i = 0; i < 100; ++i) rig.output += "line " + std::to_string(i) + "\n";
  rig.enter("show counters");
  CHECK(rig.screen.shows("--more--"));
  CHECK(!rig.screen.shows("line 50"));
  rig.type(" ");
  CHECK(rig.screen.shows("line 30"));
  rig.type("q");
  CHECK(rig.screen.current().ends_with(">"));
  rig.enter("show counters | no-more");
  CHECK(rig.screen.shows("line 99"));
}

TEST(CommandLine, OutputCannotPlayWithTheTerminal) {
  rig.output = "evil \x1b[2J\x1b]0;title\x07\x9b text\n";
  rig.sent.clear();
  rig.enter("show log");
  CHECK(rig.sent.find("\x1b[2J") == std::string::npos);
  CHECK(rig.sent.find("\x1b]") == std::string::npos);
  CHECK(rig.sent.find('\x07') == std::string::npos);
}

TEST(CommandLine, CtrlCEndsWhatTakesTooLong) {
  rig.program_ends = false;
  rig.enter("request probe a.example");
  rig.type("\x03");
  LONGS_EQUAL(1, rig.stopped.size());
  CHECK(rig.screen.current().ends_with(">"));
}

TEST(CommandLine, WhatIsTypedAheadWaits) {
  rig.program_ends = false;
  rig.enter("request probe a.example");
  rig.type("exit\r");
  CHECK(rig.session.logged_in());
  rig.session.answer(rig.running, {{"status", 0}});
  rig.pump();
  CHECK(!rig.session.logged_in());
}

TEST(CommandLine, WhatCannotBeTakenBackIsAskedTwice) {
  rig.enter("request system factory-reset");
  CHECK(rig.screen.shows("Really?"));
  rig.enter("no");
  CHECK(rig.screen.shows("nothing was done"));
  CHECK(std::none_of(rig.asked.begin(), rig.asked.end(),
                     [](const auto& one) { return one["command"] == "settings.factory_reset"; }));
}

TEST(CommandLine, AnAnnouncementNeverBreaksTheLine) {
  rig.type("show que");
  rig.session.announce("*** something happened");
  rig.pump();
  CHECK(rig.screen.shows("*** something happened"));
  CHECK(rig.screen.current().ends_with("> show que"));
  rig.type("ue\r");
  CHECK((rig.words == std::vector<std::string>{"queue", "list"}));
}

TEST(CommandLine, NobodyTypingLogsOut) {
  rig.pass(std::chrono::minutes(14));
  CHECK(rig.session.logged_in());
  rig.pass(std::chrono::minutes(2));
  CHECK(!rig.session.logged_in());
}

TEST(CommandLine, ARoleIsHeld) {
  Rig other;
  other.passwords["help"] = "desk desk desk";
  other.role = "helpdesk";
  other.begin();
  other.enter("help");
  other.enter("desk desk desk");
  other.enter("0");
  other.enter("configure");
  CHECK(other.screen.shows("your role may not"));
  other.enter("request system reboot");
  CHECK(other.screen.shows("at least operator"));
}

TEST(CommandLine, MonitorShowsMailAndEnds) {
  rig.outcomes = {{"last", 1},
                  {"outcomes",
                   {{{"number", 1},
                     {"time", "2026-11-22T10:00:00Z"},
                     {"result", "delivered"},
                     {"from", "a@b.example"},
                     {"to", "c@d.example"},
                     {"reply", "250 fine"}}}}};
  rig.enter("monitor mail");
  rig.pass(std::chrono::seconds(1));
  CHECK(rig.screen.shows("delivered"));
  rig.type("q");
  CHECK(rig.screen.current().ends_with(">"));
}

TEST(CommandLine, MonitorOfTheDataPlaneSendsLittleOnceItIsDrawn) {
  rig.status["counters"] = Json::object();
  rig.enter("monitor dataplane");
  rig.pass(std::chrono::seconds(1));
  CHECK(rig.screen.shows("messages accepted"));
  rig.pass(std::chrono::seconds(1));
  rig.sent.clear();
  rig.pass(std::chrono::seconds(1));
  CHECK(rig.sent.size() < 100);
  rig.type("q");
  CHECK(rig.screen.current().ends_with(">"));
}
