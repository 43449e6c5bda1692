// The parts of control that need no other process.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "firmware/control/main/options.hpp"
#include "firmware/control/office/office_lookup.hpp"
#include "firmware/control/outcomes/message_log.hpp"
#include "firmware/control/outcomes/outcome_text.hpp"
#include "firmware/control/settings/secrets.hpp"
#include "firmware/control/settings/settings_file.hpp"
#include "firmware/control/supervisor/backoff.hpp"
#include "firmware/control/supervisor/dataplane_end.hpp"
#include "firmware/control/supervisor/ticket_keys.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/log/log.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control;

namespace {

std::string fault_of(std::string_view toml, std::string_view name) {
  for (const auto& fault : parse_settings(toml).faults) {
    if (fault.name == name) return text_of(fault, "f");
  }
  return "";
}

}  // namespace

TEST_GROUP(SettingsFile){};

TEST(SettingsFile, dotted_names_and_tables_say_the_same) {
  const auto dotted = parse_settings("interface.wan.addresses = ['192.0.2.1/24']\nsmtp.recipients = 200");
  const auto tables =
      parse_settings("[interface.wan]\naddresses = ['192.0.2.1/24']\n[smtp]\nrecipients = 200");
  CHECK(dotted.usable());
  CHECK(dotted.values == tables.values);
}

TEST(SettingsFile, values_of_every_kind_arrive) {
  const auto loaded = parse_settings(
      "smtp.require_tls = false\nsmtp.message_bytes = '64M'\nsmtp.line_bytes = 2000\nsmtp.command_timeout = "
      "'90s'\n"
      "listen.smtp = [25, 587]\nlisten.smtps = 465\ndomains.served = ['a.example', 'b.example']");
  CHECK(loaded.usable());
  STRCMP_EQUAL("25\n587", loaded.values.at("listen.smtp").c_str());
  STRCMP_EQUAL("465", loaded.values.at("listen.smtps").c_str());
  STRCMP_EQUAL("a.example\nb.example", loaded.values.at("domains.served").c_str());
  STRCMP_EQUAL("2000", loaded.values.at("smtp.line_bytes").c_str());
}

TEST(SettingsFile, certificates_are_blocks_with_names_chain_and_key) {
  const auto loaded = parse_settings(
      "[[tls.certificates]]\nnames = ['a.example']\nchain = '/c'\nkey = '/k'\n[[tls.certificates]]\nchain = "
      "'/c2'\nkey = '/k2'");
  CHECK(loaded.usable());
  STRCMP_EQUAL("a.example;/c;/k\n;/c2;/k2", loaded.values.at("tls.certificates").c_str());
  CHECK(fault_of("[[tls.certificates]]\nchain = '/c'", "tls.certificates").find("lacks chain or key") !=
        std::string::npos);
  CHECK(fault_of("[[tls.certificates]]\nchian = '/c'", "tls.certificates").find("\"chian\"") !=
        std::string::npos);
}

TEST(SettingsFile, keys_that_sign_are_blocks_with_domain_selector_and_key) {
  const auto loaded = parse_settings(
      "[[dkim.keys]]\ndomain = 'A.example'\nselector = 's1'\nkey = '/k'\n"
      "[[dkim.keys]]\ndomain = 'a.example'\nselector = 's2'\nkey = '/k2'\nservice = 'tlsrpt'");
  CHECK(loaded.usable());
  STRCMP_EQUAL("A.example;s1;/k\na.example;s2;/k2;tlsrpt", loaded.values.at("dkim.keys").c_str());
  const auto fault = [](const char* more) {
    return fault_of(std::string("[[dkim.keys]]\nselector = 's1'\nkey = '/k'\n") + more, "dkim.keys");
  };
  CHECK(fault("").find("lacks domain") != std::string::npos);
  CHECK(fault("domain = 'a.example'\nservice = 'all'").find("service") != std::string::npos);
  CHECK(fault("domains = 'a.example'").find("\"domains\"") != std::string::npos);
  CHECK(fault("domain = 'a b'").find("domain, selector and key") != std::string::npos);
}

TEST(SettingsFile, a_fault_names_its_line) {
  STRCMP_EQUAL("f:2: smtp.recipients is \"5\": it has to be a whole number from 100 to 100000",
               fault_of("host_name = 'a.example'\nsmtp.recipients = 5", "smtp.recipients").c_str());
}

TEST(SettingsFile, the_wrong_kind_of_value_is_told_with_the_right_one) {
  STRCMP_EQUAL(
      "f:1: smtp.command_timeout is of the wrong kind: it has to be a text with a number and its unit, such "
      "as \"30s\", \"5m\" or \"12h\"",
      fault_of("smtp.command_timeout = 30", "smtp.command_timeout").c_str());
  CHECK(fault_of("smtp.require_tls = 'no'", "smtp.require_tls").find("without quotes") != std::string::npos);
  CHECK(fault_of("host_name = ['a']", "host_name").find("is a list") != std::string::npos);
  CHECK(fault_of("domains.served = [7]", "domains.served").find("in quotes") != std::string::npos);
  CHECK(!fault_of("smtp = 3", "smtp").empty());
}

TEST(SettingsFile, an_element_cannot_smuggle_a_second_one) {
  CHECK(!fault_of("domains.served = [\"a.example\\nb.example\"]", "domains.served").empty());
}

TEST(SettingsFile, broken_toml_is_one_fault_with_its_line) {
  const auto loaded = parse_settings("host_name = 'a.example'\nx = = 3");
  CHECK(!loaded.usable());
  LONGS_EQUAL(2, loaded.faults[0].line);
}

TEST_GROUP(Secrets){};

TEST(Secrets, files_that_are_not_there_or_no_pem_are_named) {
  const auto loaded = load_secrets({{"tls.certificates", ";/nowhere/chain.pem;/proc/self/cmdline"}});
  LONGS_EQUAL(2, loaded.faults.size());
  CHECK(loaded.faults[0].wrong.find("/nowhere/chain.pem, which cannot be read: No such file") !=
        std::string::npos);
}

TEST_GROUP(BackoffTest){};

TEST(BackoffTest, waits_double_to_five_seconds_and_begin_again_after_a_minute) {
  Backoff backoff;
  for (const int seconds : {1, 2, 4, 5, 5}) CHECK(backoff.ended(1s) == std::chrono::seconds(seconds));
  CHECK(backoff.ended(61s) == 1s);
  CHECK(backoff.ended(1s) == 2s);
}

TEST_GROUP(TicketKeysTest){};

TEST(TicketKeysTest, keys_change_by_schedule_and_the_last_three_are_kept) {
  TicketKeys keys;
  const Instant start{1h};
  for (int i = 0; i < 5; ++i) keys.rotate(start + i * 6h);
  LONGS_EQUAL(3, keys.keys().keys.size());
  CHECK(!(keys.keys().keys[0] == keys.keys().keys[1]));
  CHECK(!keys.due(start + 24h + 5h, 6h));
  CHECK(keys.due(start + 24h + 6h, 6h));
}

TEST(TicketKeysTest, an_adopted_key_is_replaced_when_its_time_comes) {
  TicketKeys keys;
  keys.adopt(Instant{1h});
  CHECK(keys.keys().keys.empty());
  CHECK(!keys.due(Instant{6h}, 6h));
  CHECK(keys.due(Instant{7h}, 6h));
}

TEST_GROUP(Digests){};

TEST(Digests, name_settings_and_secrets_and_nothing_else) {
  const ipc::Credentials none;
  const ipc::Credentials one{{{{}, "chain", "key"}}, ""};
  CHECK(digest_of({}, none) == digest_of({}, none));
  CHECK(digest_of({}, none) != digest_of({{"host_name", "a.example"}}, none));
  CHECK(digest_of({}, none) != digest_of({}, one));
}

TEST_GROUP(MessageLogTest) {
  std::string directory;
  std::string path;
  MessageLog log;

  void setup() override {
    char name[] = "/tmp/postern-log-XXXXXX";
    directory = ::mkdtemp(name);
    path = directory + "/deep/messages.jsonl";
    log.configure({path, 64 * 1024, 2});
    log::set_output([](std::string_view, void*) {}, nullptr);
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
    log::set_output(nullptr, nullptr);
  }
  static std::vector<ipc::Outcome> some(std::size_t count) {
    return std::vector<ipc::Outcome>(count);
  }
};

TEST(MessageLogTest, each_outcome_is_a_line_of_json) {
  auto outcomes = some(3);
  std::snprintf(outcomes[1].sender, sizeof outcomes[1].sender, "a\"b\n\xff@example.net");
  log.add(outcomes);
  std::ifstream file(path);
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) {
    ++lines;
    CHECK(!nlohmann::json::parse(line, nullptr, false).is_discarded());
  }
  LONGS_EQUAL(3, lines);
}

TEST(MessageLogTest, a_full_file_is_set_aside_and_the_oldest_goes) {
  for (int i = 0; i < 40; ++i) log.add(some(100));
  CHECK(std::filesystem::file_size(path) <= 64 * 1024);
  CHECK(std::filesystem::exists(path + ".1"));
  CHECK(std::filesystem::exists(path + ".2"));
  CHECK(!std::filesystem::exists(path + ".3"));
}

TEST(MessageLogTest, the_last_thousand_are_kept_in_memory_by_number) {
  for (int i = 0; i < 15; ++i) log.add(some(100));
  LONGS_EQUAL(1500, log.count());
  LONGS_EQUAL(1000, log.recent(0, 5000).size());
  LONGS_EQUAL(1499, log.recent(1498, 10).front().number);
  LONGS_EQUAL(2, log.recent(0, 2).size());
  LONGS_EQUAL(1500, log.recent(0, 2).back().number);
}

TEST(MessageLogTest, a_log_that_cannot_be_written_does_not_stop_anything) {
  log.configure({"/proc/nowhere/messages.jsonl", 64 * 1024, 2});
  log.add(some(5));
  CHECK(!log.trouble().empty());
  LONGS_EQUAL(5, log.recent(0, 10).size());
}

TEST_GROUP(OfficeLookupTest){};

TEST(OfficeLookupTest, names_become_addresses_and_addresses_stay) {
  OfficeLookup lookup([](const std::string& name) {
    return name == "a.example" ? std::vector<std::string>{"2001:db8::1", "192.0.2.1"}
                               : std::vector<std::string>{};
  });
  const std::vector<std::string> servers{"192.0.2.9:26", "a.example:2525", "b.example"};
  lookup.want(servers);
  while (!lookup.settled()) ::usleep(1000);
  std::vector<std::string> unanswered;
  const auto found = lookup.resolved(servers, &unanswered);
  STRCMP_EQUAL("192.0.2.9:26 [2001:db8::1]:2525 192.0.2.1:2525", ipc::join_list(found, " ").c_str());
  LONGS_EQUAL(1, unanswered.size());
  CHECK(lookup.changed());
  CHECK(!lookup.changed());
}

TEST_GROUP(ControlOptions){};

TEST(ControlOptions, a_wrong_word_is_named) {
  char program[] = "postern-control", word[] = "--setings", value[] = "x";
  char* const words[] = {program, word, value};
  CHECK(parse_options(words).error().reason.find("--setings") != std::string::npos);
  char missing[] = "--settings";
  char* const without[] = {program, missing};
  CHECK(parse_options(without).error().reason.find("needs a value") != std::string::npos);
}
