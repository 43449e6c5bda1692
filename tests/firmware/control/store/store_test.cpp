// The store of settings: candidate, check, commit, confirm, roll back; what a start finds.
#include "firmware/control/store/store.hpp"

#include <algorithm>
#include <memory>

#include "firmware/control/store/memory_archive.hpp"
#include "firmware/control/store/migrations.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control;

namespace {

const Actor kAnna{"anna", "web", "operator"};
const Actor kBert{"bert", "cli", "owner"};

Now at(int minutes) {
  return {Instant(std::chrono::minutes(minutes)),
          WallTime(std::chrono::hours(500'000) + std::chrono::minutes(minutes))};
}

std::vector<ipc::SettingFault> look_nowhere(const ipc::SettingValues&) {
  return {};
}

std::string value(const Store& store, const std::string& name) {
  const auto& values = store.running().values;
  const auto found = values.find(name);
  return found == values.end() ? "(default)" : found->second;
}

}  // namespace

TEST_GROUP(SettingsStore) {
  MemoryArchive archive;
  std::unique_ptr<Store> store = opened();

  std::unique_ptr<Store> opened(int minutes = 0) {
    auto made = std::make_unique<Store>(archive, look_nowhere);
    made->open(at(minutes));
    return made;
  }

  // A commit that has to succeed.
  std::uint64_t commit(const Actor& actor, const ipc::SettingValues& values,
                       std::optional<unsigned> confirm = {}, int minutes = 0) {
    const auto set = store->set(actor, values, at(minutes));
    CHECK_TEXT(set.has_value(), set ? "" : set.error().text.c_str());
    const auto done = store->commit(actor, {"because", confirm}, at(minutes));
    CHECK_TEXT(done.has_value(), done ? "" : done.error().text.c_str());
    return done.value_or(0);
  }
};

TEST(SettingsStore, a_candidate_is_in_force_only_after_its_commit) {
  CHECK(store->set(kAnna, {{"smtp.recipients", "500"}}, at(0)).has_value());
  STRCMP_EQUAL("(default)", value(*store, "smtp.recipients").c_str());
  STRCMP_EQUAL("500", store->candidate_values(kAnna).at("smtp.recipients").c_str());
  CHECK(store->candidate_values(kBert).empty());
  LONGS_EQUAL(1, *store->commit(kAnna, {"more", {}}, at(0)));
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(0, store->candidate_size(kAnna));
}

TEST(SettingsStore, a_generation_says_who_changed_what_when_and_why) {
  commit(kAnna, {{"smtp.recipients", "500"}}, {}, 7);
  const auto newest = store->history(1).at(0);
  STRCMP_EQUAL("anna", newest.author.c_str());
  STRCMP_EQUAL("web", newest.source.c_str());
  STRCMP_EQUAL("because", newest.comment.c_str());
  STRCMP_EQUAL("smtp.recipients", newest.changed.at(0).c_str());
  CHECK(newest.wall_ns == static_cast<std::uint64_t>(at(7).wall.time_since_epoch().count()));
}

TEST(SettingsStore, every_wrong_value_is_told_and_none_is_set) {
  const auto set =
      store->set(kAnna, {{"smtp.recipients", "5"}, {"no.such", "1"}, {"host_name", "a.example"}}, at(0));
  CHECK(!set.has_value());
  LONGS_EQUAL(2, set.error().faults.size());
  LONGS_EQUAL(0, store->candidate_size(kAnna));
}

TEST(SettingsStore, a_candidate_that_does_not_fit_together_is_not_committed) {
  CHECK(store->set(kAnna, {{"office.tls", "pinned"}, {"smtp.require_tls", "true"}}, at(0)).has_value());
  LONGS_EQUAL(
      2, std::ranges::count_if(store->check(kAnna).faults, [](const auto& fault) { return fault.fatal; }));
  const auto done = store->commit(kAnna, {}, at(0));
  CHECK(!done.has_value());
  CHECK(archive.numbers().empty());
}

TEST(SettingsStore, what_only_a_look_at_files_can_tell_stops_a_commit_too) {
  Store looking(archive, [](const ipc::SettingValues&) {
    return std::vector<ipc::SettingFault>{{"tls.certificates", "names /x, which is not there", "a file"}};
  });
  looking.open(at(0));
  CHECK(looking.set(kAnna, {{"smtp.recipients", "500"}}, at(0)).has_value());
  const auto done = looking.commit(kAnna, {}, at(0));
  STRCMP_EQUAL("tls.certificates", done.error().faults.at(0).name.c_str());
}

TEST(SettingsStore, the_check_names_what_waits_for_a_restart) {
  CHECK(store->set(kAnna, {{"tcp.time_wait", "30s"}, {"smtp.recipients", "500"}}, at(0)).has_value());
  const auto checked = store->check(kAnna);
  LONGS_EQUAL(1, checked.restart.size());
  STRCMP_EQUAL("tcp.time_wait", checked.restart[0].c_str());
}

TEST(SettingsStore, two_people_do_not_undo_each_others_work) {
  CHECK(store->set(kAnna, {{"smtp.recipients", "500"}}, at(0)).has_value());
  commit(kBert, {{"smtp.received_hops", "50"}});
  CHECK(store->commit(kAnna, {}, at(0)).has_value());
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  STRCMP_EQUAL("50", value(*store, "smtp.received_hops").c_str());
}

TEST(SettingsStore, who_would_overrule_another_unseen_hears_of_it_first) {
  CHECK(store->set(kAnna, {{"smtp.recipients", "500"}}, at(0)).has_value());
  commit(kBert, {{"smtp.recipients", "600"}});
  const auto refused = store->commit(kAnna, {}, at(0));
  CHECK(!refused.has_value());
  STRCMP_EQUAL("smtp.recipients", refused.error().faults.at(0).name.c_str());
  commit(kAnna, {{"smtp.recipients", "500"}});
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, a_lock_keeps_others_out_until_it_is_given_back_or_forgotten) {
  CHECK(store->lock(kAnna, true, at(0)).has_value());
  const Actor carl{"carl", "web", "operator"};
  CHECK(!store->set(carl, {{"smtp.recipients", "500"}}, at(1)).has_value());
  CHECK(!store->lock(carl, false, at(1)).has_value());
  CHECK(store->set(kAnna, {{"smtp.recipients", "500"}}, at(2)).has_value());
  CHECK(!store->commit(carl, {}, at(30)).has_value());
  CHECK(store->set(carl, {{"smtp.recipients", "600"}}, at(33)).has_value());
  CHECK(!store->locked().has_value());
}

TEST(SettingsStore, an_owner_can_break_a_lock) {
  CHECK(store->lock(kAnna, true, at(0)).has_value());
  CHECK(store->lock(kBert, false, at(0)).has_value());
  CHECK(store->set(kBert, {{"smtp.recipients", "500"}}, at(0)).has_value());
}

TEST(SettingsStore, roles_decide_who_may_change_what) {
  CHECK(!store->set(kAnna, {{"submission.users", "anna $argon2id$x"}}, at(0)).has_value());
  CHECK(store->set(kBert, {{"submission.users", "anna $argon2id$x"}}, at(0)).has_value());
  const Actor auditor{"dora", "web", "auditor"};
  CHECK(!store->set(auditor, {{"smtp.recipients", "500"}}, at(0)).has_value());
  CHECK(!store->factory_reset(kAnna, at(0)).has_value());
}

TEST(SettingsStore, an_unconfirmed_commit_goes_back_when_its_time_is_over) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  CHECK(!store->turn(at(9)));
  STRCMP_EQUAL("600", value(*store, "smtp.recipients").c_str());
  CHECK(store->turn(at(10)));
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(3, store->running().number);
  CHECK(!store->pending().has_value());
  CHECK(store->take_unsaid().at(0).text.find("not confirmed in time; back to generation 1") !=
        std::string::npos);
}

TEST(SettingsStore, a_confirmed_commit_stays) {
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  CHECK(store->confirm(kBert).has_value());
  CHECK(!store->turn(at(11)));
  store = opened(12);
  STRCMP_EQUAL("600", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, a_start_within_the_window_goes_back_and_says_so) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  store = opened(1);
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(3, store->running().number);
  CHECK(store->announcements().at(0).text.find("back to generation 1") != std::string::npos);
  store = opened(2);
  LONGS_EQUAL(3, store->running().number);
}

TEST(SettingsStore, several_unconfirmed_commits_go_back_to_the_last_confirmed_one) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  commit(kAnna, {{"smtp.recipients", "700"}}, 10, 5);
  CHECK(!store->turn(at(12)));
  CHECK(store->turn(at(15)));
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, a_plain_commit_confirms_what_waits) {
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  commit(kAnna, {{"smtp.received_hops", "50"}});
  CHECK(!store->turn(at(20)));
  STRCMP_EQUAL("600", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, a_refused_generation_can_be_taken_back_at_once) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}});
  CHECK(store->revert("the data plane does not take it", at(1)).has_value());
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(3, store->history(10).size());
}

TEST(SettingsStore, rollback_fills_the_candidate_and_a_commit_goes_forward) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}, {"smtp.received_hops", "50"}});
  LONGS_EQUAL(2, *store->rollback(kBert, 1, at(0)));
  STRCMP_EQUAL("600", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(3, *store->commit(kBert, {}, at(0)));
  CHECK(*store->values_of(3) == *store->values_of(1));
  CHECK(!store->rollback(kBert, 99, at(0)).has_value());
}

TEST(SettingsStore, at_least_a_hundred_generations_are_kept_and_the_oldest_go) {
  store->set_kept(1);
  for (int i = 0; i < 150; ++i) commit(kAnna, {{"smtp.recipients", std::to_string(500 + i)}});
  LONGS_EQUAL(100, store->history(1000).size());
  LONGS_EQUAL(100, archive.numbers().size());
  LONGS_EQUAL(51, archive.numbers().front());
}

TEST(SettingsStore, what_a_pending_commit_goes_back_to_is_never_thrown_away) {
  store->set_kept(100);
  commit(kAnna, {{"smtp.recipients", "500"}});
  for (int i = 0; i < 150; ++i) commit(kAnna, {{"smtp.recipients", std::to_string(600 + i)}}, 10);
  store = opened(1);
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, a_full_disk_changes_nothing) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  archive.full = true;
  CHECK(store->set(kAnna, {{"smtp.recipients", "600"}}, at(0)).has_value());
  CHECK(!store->commit(kAnna, {}, at(0)).has_value());
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(1, store->candidate_size(kAnna));
}

TEST(SettingsStore, on_a_full_disk_the_step_back_holds_all_the_same) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  archive.full = true;
  CHECK(store->turn(at(10)));
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  store = opened(11);
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, a_damaged_generation_is_set_aside_and_the_newest_good_one_taken) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}});
  archive.texts[2][archive.texts[2].size() / 2] ^= 1;
  store = opened(1);
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
  LONGS_EQUAL(1, archive.aside.size());
  CHECK(store->announcements().at(0).text.find("generation 2 of the settings is damaged") !=
        std::string::npos);
  LONGS_EQUAL(3, commit(kAnna, {{"smtp.recipients", "700"}}));  // its number is not given out again
}

TEST(SettingsStore, a_damaged_step_back_leads_back_again) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  commit(kAnna, {{"smtp.recipients", "600"}}, 10);
  CHECK(store->turn(at(10)));
  archive.texts[3].resize(40);
  store = opened(11);
  STRCMP_EQUAL("500", value(*store, "smtp.recipients").c_str());
}

TEST(SettingsStore, rescue_comes_back_into_the_candidate) {
  commit(kAnna, {{"smtp.recipients", "500"}});
  CHECK(store->save_rescue(kAnna, at(0)).has_value());
  commit(kAnna, {{"smtp.recipients", "600"}});
  LONGS_EQUAL(1, *store->load_rescue(kAnna, at(0)));
  STRCMP_EQUAL("500", store->candidate_values(kAnna).at("smtp.recipients").c_str());
}

TEST(SettingsStore, a_factory_reset_leaves_nothing_of_what_was) {
  commit(kBert, {{"submission.users", "anna $argon2id$secret"}});
  CHECK(store->save_rescue(kBert, at(0)).has_value());
  CHECK(store->factory_reset(kBert, at(0)).has_value());
  CHECK(store->running().values.empty());
  for (const auto& [number, text] : archive.texts) CHECK(text.find("secret") == std::string::npos);
  LONGS_EQUAL(1, archive.texts.size());
}

TEST(SettingsStore, a_settings_file_is_taken_in_once_and_again_when_it_changes) {
  const ipc::SettingValues first{{"smtp.recipients", "500"}};
  CHECK(store->is_new_file(first));
  store->import_file(first, "/s.toml", at(0));
  commit(kAnna, {{"smtp.received_hops", "50"}});
  store = opened(1);
  CHECK(!store->is_new_file(first));
  STRCMP_EQUAL("50", value(*store, "smtp.received_hops").c_str());
  const ipc::SettingValues second{{"smtp.recipients", "700"}};
  CHECK(store->is_new_file(second));
  store->import_file(second, "/s.toml", at(2));
  CHECK(store->running().values == second);
}

TEST(SettingsStore, a_value_of_another_version_is_left_out_and_told) {
  Generation old;
  old.number = 4;
  old.values = {{"smtp.recipients", "500"}, {"smtp.gone", "1"}, {"smtp.received_hops", "5"}};
  CHECK(archive.write(4, old).has_value());
  store = opened();
  LONGS_EQUAL(1, store->running().values.size());
  LONGS_EQUAL(2, store->announcements().size());
}

TEST_GROUP(SettingsMigrations){};

TEST(SettingsMigrations, steps_lead_from_the_values_version_to_this_one) {
  static const Migration kSteps[] = {
      {1, [](ipc::SettingValues& values) { values["b"] = values["a"] + "1"; }},
      {2, [](ipc::SettingValues& values) { values["c"] = values["b"] + "2"; }},
      {3, [](ipc::SettingValues& values) { values["d"] = "never"; }},
  };
  ipc::SettingValues values{{"a", "x"}};
  migrate(values, 1, 3, kSteps);
  STRCMP_EQUAL("x12", values["c"].c_str());
  CHECK(values.find("d") == values.end());
  ipc::SettingValues later{{"b", "y"}};
  migrate(later, 2, 3, kSteps);
  STRCMP_EQUAL("y2", later["c"].c_str());
}
