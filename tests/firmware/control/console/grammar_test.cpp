// The grammar: what lines mean, what may follow, and that the table is sound.
#include "firmware/control/console/grammar.hpp"

#include <CppUTest/TestHarness.h>

#include <set>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/console/form.hpp"
#include "firmware/control/console/runner.hpp"
#include "firmware/control/console/words.hpp"

using namespace postern;
using namespace postern::control::console;
using Words = std::vector<std::string>;

namespace {

std::string means(const Words& words, Mode mode) {
  const auto call = understand(words, mode);
  return call ? std::string(call->row->form) : "fault: " + call.error().reason;
}

std::vector<Candidate> no_values(std::string_view, std::string_view, const Arguments&) {
  return {};
}

}  // namespace

TEST_GROUP(Grammar){};

TEST(Grammar, WordsMayBeCutShortWhereTheyStayUnique) {
  STRCMP_EQUAL("show status", means({"sh", "statu"}, Mode::operate).c_str());
  CHECK(means({"show", "s"}, Mode::operate).find("settings, state, status") != std::string::npos);
}

TEST(Grammar, AnUnknownWordIsAnsweredWithWhatThereIs) {
  const auto told = means({"show", "nonsense"}, Mode::operate);
  CHECK(told.find("'nonsense'") != std::string::npos && told.find("queue") != std::string::npos);
}

TEST(Grammar, SomethingMissingIsNamed) {
  CHECK(means({"show", "message"}, Mode::operate).find("id") != std::string::npos);
}

TEST(Grammar, OptionsComeInAnyOrder) {
  const auto call = understand(Words{"show", "queue", "from", "a@b.example", "to-domain", "c.example", "all"},
                               Mode::operate);
  CHECK(call.has_value());
  CHECK((program_words(*call->row, call->arguments) ==
         Words{"queue", "list", "--to-domain", "c.example", "--from", "a@b.example", "-a"}));
}

TEST(Grammar, WhatWasNotGivenIsNotSaid) {
  const auto call = understand(Words{"show", "log"}, Mode::operate);
  CHECK((program_words(*call->row, call->arguments) == Words{"log"}));
}

TEST(Grammar, SettingsAreChangedWithinConfigureOnly) {
  CHECK(means({"set", "host_name", "x.example"}, Mode::operate).starts_with("fault"));
  STRCMP_EQUAL("set <setting> [<value...>]",
               means({"set", "host_name", "x.example"}, Mode::configure).c_str());
}

TEST(Grammar, SeveralValuesAreAList) {
  const auto call = understand(Words{"set", "domains.served", "a.example", "b.example"}, Mode::configure);
  STRCMP_EQUAL("a.example\nb.example", call->arguments.at("value").c_str());
}

TEST(Grammar, CommitConfirmedTakesMinutesAndAComment) {
  const auto call =
      understand(Words{"commit", "confirmed", "5", "comment", "new", "address"}, Mode::configure);
  CHECK(call.has_value());
  const auto question = call->row->question(call->arguments);
  LONGS_EQUAL(5, question["confirm_minutes"].get<int>());
  STRCMP_EQUAL("new address", question["comment"].get<std::string>().c_str());
  const auto bare = understand(Words{"commit", "confirmed"}, Mode::configure);
  LONGS_EQUAL(10, bare->row->question(bare->arguments)["confirm_minutes"].get<int>());
}

TEST(Grammar, TabOffersWhatFits) {
  const auto all = expect(Words{"show"}, "st", Mode::operate, no_values);
  LONGS_EQUAL(2, all.size());
  STRCMP_EQUAL("state", all[0].text.c_str());
  STRCMP_EQUAL("status", all[1].text.c_str());
}

TEST(Grammar, AFinishedCommandOffersEnter) {
  const auto all = expect(Words{"show", "status"}, "", Mode::operate, no_values);
  CHECK(!all.empty() && all[0].text == "<enter>");
}

// The table itself.

TEST(Grammar, EveryRowIsReachedByItsOwnWords) {
  for (const auto& row : rows()) {
    Words words;
    for (const auto& element : read_form(row.form)) {
      if (!element.optional) words.emplace_back(element.word.empty() ? "7" : element.word);
    }
    CHECK_EQUAL(std::string(row.form), means(words, row.mode));
  }
}

TEST(Grammar, EveryRowCanBeDoneAndExplained) {
  for (const auto& row : rows()) {
    CHECK(!row.help.empty() && !row.does.empty());
    CHECK(row.least != Role::none);
    for (const auto& element : read_form(row.form))
      CHECK(element.value.empty() || value_help(element.value) != element.value);
    CHECK(manual(row.form).starts_with("NAME\n"));
  }
}

TEST(Grammar, EveryProgramIsACommandOfPostern) {
  std::set<std::string_view> known;
  for (const auto& command : control::cli::commands()) known.insert(command.name);
  for (const auto& row : rows()) {
    if (row.act != Act::program) continue;
    CHECK(known.count(row.does.substr(0, row.does.find(' '))) == 1);
    control::cli::Invocation invocation;
    Arguments arguments;
    for (const auto& element : read_form(row.form))
      arguments[std::string(element.value.empty() ? element.word : element.value)] = "7";
    CHECK(control::cli::parse(program_words(row, arguments), invocation).has_value());
  }
}

TEST(Grammar, OnlyProgramsOfTheTableMayBeRun) {
  CHECK(may_run({"queue", "list", "--from", "x"}));
  CHECK(may_run({"status"}));
  CHECK(!may_run({"queue"}) && !may_run({}) && !may_run({"/bin/sh"}) && !may_run({"password"}));
  CHECK(!may_run({"reports", "import", "/etc/shadow"}));
}

TEST_GROUP(Words){};

TEST(Words, QuotesHoldBlanksAndPipes) {
  const auto line = split_line(R"(set x "a | b" | match "two words")");
  LONGS_EQUAL(2, line.parts.size());
  STRCMP_EQUAL("a | b", line.parts[0][2].text.c_str());
  STRCMP_EQUAL("two words", line.parts[1][1].text.c_str());
}

TEST(Words, WhatIsQuotedIsReadBack) {
  for (const std::string text : {"", "plain", "a b", "\"", "\\", "|", "a\\\"b", "?"}) {
    const auto line = split_line(quote_word(text));
    LONGS_EQUAL(1, line.parts[0].size());
    STRCMP_EQUAL(text.c_str(), line.parts[0][0].text.c_str());
  }
}

TEST(Words, AQuoteWithoutAnEndIsOpen) {
  CHECK(split_line("set x \"a b").open);
}
