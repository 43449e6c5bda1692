// The table of settings, its checks and the snapshot that carries values.
#include "firmware/ipc/codec.hpp"
#include "firmware/ipc/settings_check.hpp"
#include "firmware/ipc/settings_snapshot.hpp"

// CppUTest comes last: it defines macros.
#include <algorithm>
#include <set>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::ipc;

namespace {

bool has_fault(const std::vector<SettingFault>& faults, std::string_view name) {
  return std::any_of(faults.begin(), faults.end(),
                     [&](const auto& fault) { return fault.fatal && fault.name == name; });
}

std::string fault_text(const SettingValues& values, std::string_view name) {
  for (const auto& fault : check_settings(values)) {
    if (fault.name == name) return text_of(fault);
  }
  return "";
}

}  // namespace

TEST_GROUP(SettingsSchema){};

TEST(SettingsSchema, every_name_is_there_once_and_has_help) {
  std::set<std::string_view> names;
  for (const auto& setting : settings_schema()) {
    CHECK_TEXT(names.insert(setting.name).second, std::string(setting.name).c_str());
    CHECK_TEXT(setting.help.size() > 10, std::string(setting.name).c_str());
    CHECK_TEXT(setting.help.ends_with('.'), std::string(setting.name).c_str());
  }
}

TEST(SettingsSchema, every_default_is_right_by_its_own_row) {
  for (const auto& setting : settings_schema()) {
    STRCMP_EQUAL_TEXT("", wrong_with(setting, setting.fallback).c_str(), std::string(setting.name).c_str());
  }
}

TEST(SettingsSchema, a_pattern_fits_every_port_but_no_other_depth) {
  CHECK(find_setting("interface.wan.addresses") != nullptr);
  CHECK(find_setting("interface.lan-2.gateway6") != nullptr);
  CHECK(find_setting("interface.addresses") == nullptr);
  CHECK(find_setting("interface..addresses") == nullptr);
  CHECK(find_setting("interface.a.b.addresses") == nullptr);
  CHECK(find_setting("interface.wan") == nullptr);
  CHECK(find_setting("") == nullptr);
}

TEST_GROUP(SettingsValue){};

TEST(SettingsValue, sizes_have_units_of_1024) {
  LONGS_EQUAL(65536, *read_size("64K"));
  LONGS_EQUAL(65536, *read_size("64 KiB"));
  LONGS_EQUAL(998, *read_size("998"));
  CHECK(!read_size("64 X"));
  CHECK(!read_size("-1"));
  CHECK(!read_size("16777216T"));
  CHECK(!read_size(""));
}

TEST(SettingsValue, a_time_needs_its_unit) {
  CHECK(read_duration("200ms") == 200ms);
  CHECK(read_duration("5m") == 5min);
  CHECK(!read_duration("5"));
  CHECK(!read_duration("m"));
  CHECK(!read_duration("999999999d"));
}

TEST(SettingsValue, what_is_printed_reads_back_as_the_same) {
  for (const std::uint64_t bytes : {0ull, 1ull, 998ull, 1024ull, 50ull << 20, 3ull << 40}) {
    CHECK(read_size(print_size(bytes)) == bytes);
  }
  for (const Duration time : {Duration{0}, Duration{1}, Duration{200ms}, Duration{90min}, Duration{120h}}) {
    CHECK(read_duration(print_duration(time)) == time);
  }
}

TEST(SettingsValue, an_endpoint_may_be_a_name_or_an_address_of_either_family) {
  STRCMP_EQUAL("mail.example.net", read_host_port("Mail.Example.NET:2525", 25)->host.c_str());
  LONGS_EQUAL(2525, read_host_port("mail.example.net:2525", 25)->port);
  LONGS_EQUAL(25, read_host_port("192.0.2.1", 25)->port);
  STRCMP_EQUAL("[2001:db8::1]:26", read_host_port("[2001:DB8::1]:26", 25)->text().c_str());
  CHECK(read_host_port("[2001:db8::1]:26", 25)->endpoint().has_value());
  CHECK(!read_host_port("mail.example.net:25", 25)->endpoint().has_value());
  for (const auto* wrong : {"", ":25", "a:0", "a:65536", "a:b", "[::1", "[192.0.2.1]:25", "2001:db8::1",
                            "1.2.3.4.5:25", "a b:25"}) {
    CHECK_TEXT(!read_host_port(wrong, 25), wrong);
  }
}

TEST(SettingsValue, domains_are_labels_and_mailboxes_end_in_one) {
  CHECK(is_domain("example.net"));
  CHECK(is_domain("xn--bcher-kva.example"));
  for (const auto* wrong : {"", ".", "a..b", "-a.b", "a-.b", "a.b.", "a b", "a_b"})
    CHECK_TEXT(!is_domain(wrong), wrong);
  CHECK(is_mailbox("anna+tag@example.net"));
  for (const auto* wrong : {"anna", "@b", "a@", "a b@c", "<a@b>"}) CHECK_TEXT(!is_mailbox(wrong), wrong);
}

TEST_GROUP(SettingsCheck){};

TEST(SettingsCheck, all_faults_are_told_at_once) {
  const SettingValues values{{"smtp.recipients", "5"}, {"tcp.connect_timeout", "30"}, {"no.such", "1"}};
  const auto faults = check_settings(values);
  CHECK(has_fault(faults, "smtp.recipients"));
  CHECK(has_fault(faults, "tcp.connect_timeout"));
  CHECK(has_fault(faults, "no.such"));
}

TEST(SettingsCheck, a_fault_says_what_would_be_right) {
  STRCMP_EQUAL("smtp.recipients is \"5\": it has to be a whole number from 100 to 100000",
               fault_text({{"smtp.recipients", "5"}}, "smtp.recipients").c_str());
  STRCMP_EQUAL(
      "office.tls is \"tls\": it has to be one of \"plain\", \"opportunistic\", \"pinned\", \"webpki\"",
      fault_text({{"office.tls", "tls"}}, "office.tls").c_str());
}

TEST(SettingsCheck, a_mistyped_name_hears_the_nearest_one) {
  STRCMP_EQUAL("smtp.recipient is not a setting: did you mean smtp.recipients?",
               fault_text({{"smtp.recipient", "5"}}, "smtp.recipient").c_str());
  STRCMP_EQUAL("interface.wan.adresses is not a setting: did you mean interface.wan.addresses?",
               fault_text({{"interface.wan.adresses", ""}}, "interface.wan.adresses").c_str());
  STRCMP_EQUAL("", nearest_setting("wholly.unlike.anything.we.have").c_str());
}

TEST(SettingsCheck, every_element_of_a_list_is_looked_at) {
  CHECK(has_fault(check_settings({{"domains.served", "a.example\nb..example"}}), "domains.served"));
  CHECK(!has_fault(check_settings({{"domains.served", "a.example\nb.example"}}), "domains.served"));
}

TEST(SettingsCheck, what_must_fit_together_is_looked_at) {
  CHECK(has_fault(check_settings({{"office.tls", "pinned"}}), "office.pin"));
  CHECK(has_fault(check_settings({{"office.tls", "webpki"}}), "office.name"));
  CHECK(has_fault(check_settings({{"smtp.require_tls", "true"}}), "smtp.require_tls"));
  CHECK(has_fault(check_settings({{"spool.retry_first", "2h"}}), "spool.retry_most"));
  CHECK(has_fault(check_settings({{"tcp.first_port", "61000"}}), "tcp.last_port"));
}

TEST(SettingsCheck, routers_have_to_be_within_reach) {
  SettingValues values{{"interface.wan.addresses", "192.0.2.1/24"},
                       {"interface.wan.gateway4", "192.0.2.254"},
                       {"interface.wan.routes", "10.0.0.0/8 via 192.0.2.9"}};
  CHECK(!has_fault(check_settings(values), "interface.wan.gateway4"));
  CHECK(!has_fault(check_settings(values), "interface.wan.routes"));
  values["interface.wan.gateway4"] = "198.51.100.1";
  values["interface.wan.gateway6"] = "192.0.2.254";
  values["interface.wan.routes"] = "10.0.0.0/8 via 198.51.100.1";
  CHECK(has_fault(check_settings(values), "interface.wan.gateway4"));
  CHECK(has_fault(check_settings(values), "interface.wan.gateway6"));
  CHECK(has_fault(check_settings(values), "interface.wan.routes"));
  for (const auto* wrong :
       {"10.0.0.0/8", "10.0.0.0/8 by 192.0.2.9", "10.0.0.0 via 192.0.2.9", "10.0.0.0/8 via fe80::9"}) {
    values["interface.wan.routes"] = wrong;
    CHECK_TEXT(has_fault(check_settings(values), "interface.wan.routes"), wrong);
  }
}

TEST(SettingsCheck, what_works_but_is_hardly_meant_is_a_warning) {
  for (const auto& fault : check_settings({})) CHECK(!fault.fatal);
  CHECK(!check_settings({}).empty());
}

TEST(SettingsCheck, a_control_character_is_never_right) {
  CHECK(!wrong_with(*find_setting("spool.directory"), std::string_view("/a\0b", 4)).empty());
  CHECK(!wrong_with(*find_setting("host_name"), "a\nb").empty());
}

TEST_GROUP(SettingsSnapshot){};

TEST(SettingsSnapshot, what_is_written_is_read) {
  const SettingValues values{{"domains.served", "a.example\nb.example"},
                             {"smtp.recipients", "200"},
                             {"smtp.command_timeout", "90s"},
                             {"tls.arena_bytes", "32M"}};
  const auto view = SettingsView::read(write_snapshot(7, values));
  CHECK(view.has_value());
  LONGS_EQUAL(7, view->generation());
  LONGS_EQUAL(200, view->number("smtp.recipients"));
  LONGS_EQUAL(32 << 20, view->number("tls.arena_bytes"));
  CHECK(view->duration("smtp.command_timeout") == 90s);
  LONGS_EQUAL(2, view->list("domains.served").size());
  STRCMP_EQUAL("b.example", std::string(view->list("domains.served")[1]).c_str());
}

TEST(SettingsSnapshot, what_was_not_set_has_its_default) {
  const SettingsView view;
  LONGS_EQUAL(1000, view.number("smtp.recipients"));
  LONGS_EQUAL(25, view.ports("listen.smtp").at(0));
  CHECK(view.boolean("smtp.offer_starttls"));
  CHECK(view.prefixes("interface.wan.addresses").empty());
}

TEST(SettingsSnapshot, every_cut_is_refused) {
  const auto whole = write_snapshot(1, {{"host_name", "a.example"}, {"smtp.recipients", "200"}});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK(!SettingsView::read(Bytes(whole).first(length)).has_value());
  }
  auto longer = whole;
  longer.push_back(0);
  CHECK(!SettingsView::read(longer).has_value());
}

TEST(SettingsSnapshot, unknown_names_wrong_values_and_disorder_are_refused) {
  CHECK(!SettingsView::read(write_snapshot(1, {{"no.such", "1"}})).has_value());
  CHECK(!SettingsView::read(write_snapshot(1, {{"smtp.recipients", "1"}})).has_value());
  // The same name twice: the second value could be meant to go unseen.
  Writer twice;
  twice.number(std::uint32_t{0x50535453});
  twice.number(kSnapshotVersion);
  twice.number(std::uint64_t{1});
  twice.number(std::uint32_t{2});
  for (const auto* port : {"25", "26"}) {
    twice.text("listen.smtp");
    twice.text(port);
  }
  CHECK(!SettingsView::read(twice.bytes()).has_value());
}

TEST(SettingsSnapshot, another_version_is_refused) {
  auto other = write_snapshot(1, {});
  other[7] = 99;
  CHECK(!SettingsView::read(other).has_value());
}
