// Names, versions, the record, the table, and the writer against a disk that fails.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "platform/slots/keeper.hpp"
#include "platform/slots/linux_disk.hpp"
#include "platform/slots/record.hpp"
#include "platform/slots/version.hpp"
#include "platform/slots/writer.hpp"
#include "tests/platform/slots/twin_disk.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::slots;
using testing::TwinDisk;

namespace {

ImageFacts facts(const std::string& bytes) {
  ImageFacts facts{.size = bytes.size(), .hash = {}};
  crypto_hash_sha256(facts.hash.data(), as_bytes(bytes).data(), bytes.size());
  return facts;
}

const std::string kRoot(40, 'r');
const std::string kKernel(30, 'k');

// A writes B, whole; the fault where there is one.
Outcome<Entry> write_b(Disk& disk, const std::string& root = kRoot, const std::string& kernel = kKernel) {
  Writer writer(disk, Slot::b, facts(kRoot), facts(kKernel));
  auto done = writer.begin();
  if (done) done = writer.root(as_bytes(root));
  if (done) done = writer.kernel(as_bytes(kernel));
  if (!done) return tl::unexpected(done.error());
  return writer.finish();
}

std::string joined(std::vector<std::string> names) {
  std::string all;
  for (const auto& name : names) all += name + " ";
  return all;
}

}  // namespace

TEST_GROUP(SlotNames){};

TEST(SlotNames, a_name_is_read_as_it_is_written) {
  for (const auto* name :
       {"postern-1-a.efi", "postern-12-b+3.efi", "postern-12-b+2-1.efi", "postern-0-a+0-3.efi"}) {
    const auto entry = parse_entry(name);
    CHECK_TRUE(entry.has_value());
    STRCMP_EQUAL(name, file_name(*entry).c_str());
  }
}

TEST(SlotNames, what_is_no_name_of_ours_is_nothing) {
  for (const auto* name :
       {"postern-rescue.efi", "postern-a.tmp", "postern-1-c.efi", "postern-01-a.efi", "postern--a.efi",
        "postern-1-a+.efi", "postern-1-a+1-.efi", "postern-1-a+1-1x.efi", "postern-1-aefi",
        "postern-99999999999999999999-a.efi", "xpostern-1-a.efi", "postern-.efi"})
    CHECK_FALSE(parse_entry(name).has_value());
}

TEST(SlotNames, the_highest_number_with_tries_left_starts) {
  const auto next = [](std::vector<std::string> names) {
    const auto entry = starts_next(names);
    return entry ? file_name(*entry) : std::string("none");
  };
  STRCMP_EQUAL("postern-2-b+3.efi",
               next({"postern-1-a.efi", "postern-2-b+3.efi", "postern-rescue.efi"}).c_str());
  STRCMP_EQUAL("postern-1-a.efi", next({"postern-1-a.efi", "postern-2-b+0-3.efi"}).c_str());
  STRCMP_EQUAL("postern-10-a.efi", next({"postern-10-a.efi", "postern-9-b.efi"}).c_str());
  STRCMP_EQUAL("postern-2-b+0-3.efi", next({"postern-2-b+0-3.efi", "postern-a.tmp"}).c_str());
  STRCMP_EQUAL("none", next({"postern-rescue.efi"}).c_str());
}

TEST(SlotNames, a_new_name_has_the_highest_number) {
  const std::vector<std::string> names{"postern-4-a.efi", "postern-9-b+0-3.efi"};
  CHECK_EQUAL(10, next_number(names));
  CHECK_EQUAL(1, next_number({}));
}

TEST_GROUP(SlotVersion){};

TEST(SlotVersion, versions_have_an_order) {
  const std::vector<const char*> rising{"0.9", "0.9.1", "0.10", "1-rc1", "1-rc2", "1", "1.0.0.1", "2"};
  for (std::size_t i = 0; i + 1 < rising.size(); ++i)
    CHECK_TRUE(*parse_version(rising[i]) < *parse_version(rising[i + 1]));
  CHECK_TRUE(*parse_version("1") == *parse_version("1.0.0"));
}

TEST(SlotVersion, what_is_no_version_is_nothing) {
  for (const auto* text : {"", ".", "1.", "1.2.3.4.5", "a", "1-", "1-r c", "1234567", "-1"})
    CHECK_FALSE(parse_version(text).has_value());
}

TEST_GROUP(SlotTable){};

TEST(SlotTable, an_update_goes_step_by_step_to_the_restart) {
  auto state = State::idle;
  std::vector<Action> actions;
  for (const auto event :
       {Event::begin, Event::done, Event::done, Event::done, Event::done, Event::done, Event::done}) {
    const auto next = step(state, event);
    actions.push_back(next.action);
    state = next.next;
  }
  CHECK_TRUE(state == State::restart_needed);
  CHECK_TRUE((actions == std::vector<Action>{Action::clear, Action::write_root, Action::check_root,
                                             Action::write_kernel, Action::check_kernel, Action::rename,
                                             Action::none}));
}

TEST(SlotTable, nothing_but_a_finished_check_leads_to_the_rename) {
  for (int state = 0; state <= static_cast<int>(State::going_back); ++state) {
    for (int event = 0; event <= static_cast<int>(Event::roll_back); ++event) {
      const auto next = step(static_cast<State>(state), static_cast<Event>(event));
      if (next.action != Action::rename) continue;
      CHECK_TRUE(static_cast<State>(state) == State::checking_kernel);
      CHECK_TRUE(static_cast<Event>(event) == Event::done);
    }
  }
}

TEST(SlotTable, a_slot_that_was_asked_for_confirmation_is_good_only_when_confirmed) {
  CHECK_TRUE(step(State::trial, Event::confirm_asked).next == State::waiting);
  CHECK_TRUE(step(State::waiting, Event::healthy).next == State::waiting);
  CHECK_TRUE(step(State::waiting, Event::confirmed).action == Action::mark_good);
  CHECK_TRUE(step(State::waiting, Event::deadline).action == Action::mark_bad);
}

TEST_GROUP(SlotWriter){};

TEST(SlotWriter, the_new_slot_starts_next_and_the_old_one_stays_good) {
  TwinDisk disk;
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  const auto entry = write_b(disk);
  CHECK_TRUE(entry.has_value());
  STRCMP_EQUAL("postern-4-a.efi postern-5-b+3.efi ", joined(disk.names()).c_str());
  STRCMP_EQUAL(kRoot.c_str(), disk.root(Slot::b).substr(0, 40).c_str());
}

TEST(SlotWriter, bytes_that_the_disk_lost_are_found_and_nothing_is_switched) {
  TwinDisk disk;
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  disk.flip_next_write = true;
  const auto entry = write_b(disk);
  CHECK_FALSE(entry.has_value());
  STRCMP_CONTAINS("is not what was written: the disk may be failing", entry.error().reason.c_str());
  STRCMP_EQUAL("postern-4-a.efi ", joined(disk.names()).c_str());
}

TEST(SlotWriter, a_disk_that_fails_at_any_operation_switches_nothing) {
  int failed = 0;
  for (int after = 0; after < 40; ++after) {
    TwinDisk disk;
    disk.put({.number = 3, .slot = Slot::b, .tries = {}}, "older", "older kernel");
    disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
    disk.fail_after = after;
    const auto entry = write_b(disk);
    disk.fail_after = -1;
    if (entry) break;
    ++failed;
    const auto names = disk.names();
    const auto next = starts_next(names);
    CHECK_TRUE(next.has_value());
    // A failing last sync comes after the rename: then the new name is there, whole, with its counter.
    CHECK_TRUE(next->slot == Slot::a || next->tries == Tries{kTries});
  }
  CHECK_TRUE(failed > 8);
}

TEST(SlotWriter, too_few_bytes_switch_nothing) {
  TwinDisk disk;
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  CHECK_FALSE(write_b(disk, kRoot, kKernel.substr(1)).has_value());
  CHECK_FALSE(write_b(disk, kRoot.substr(1)).has_value());
  CHECK_FALSE(write_b(disk, kRoot + "x").has_value());
  CHECK_FALSE(write_b(disk, kRoot, kKernel + "x").has_value());
  STRCMP_EQUAL("postern-4-a.efi ", joined(disk.names()).c_str());
}

TEST(SlotWriter, a_root_that_does_not_fit_is_refused_before_anything_is_touched) {
  TwinDisk disk;
  disk.put({.number = 3, .slot = Slot::b, .tries = {}}, "older", "older kernel");
  Writer writer(disk, Slot::b, facts(std::string(65, 'r')), facts(kKernel));
  const auto done = writer.begin();
  CHECK_FALSE(done.has_value());
  STRCMP_EQUAL("the root image has 65 bytes, the partition of slot b only 64", done.error().reason.c_str());
  STRCMP_EQUAL("postern-3-b.efi ", joined(disk.names()).c_str());
}

TEST_GROUP(SlotKeeper){};

TEST(SlotKeeper, while_on_trial_the_other_slot_is_not_overwritten) {
  TwinDisk disk;
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  disk.put({.number = 5, .slot = Slot::b, .tries = Tries{2, 1}}, "new", "new kernel");
  const auto running = running_of("postern-5-b+3.efi");  // as the loader knew it
  STRCMP_CONTAINS("still on trial", slot_to_write(disk, running).error().reason.c_str());
  CHECK_TRUE(mark_good(disk, running).has_value());
  STRCMP_EQUAL("postern-4-a.efi postern-5-b.efi ", joined(disk.names()).c_str());
  CHECK_TRUE(*slot_to_write(disk, running) == Slot::a);
  CHECK_TRUE(mark_good(disk, running).has_value());  // again: nothing to do
}

TEST(SlotKeeper, a_bad_slot_is_started_no_more) {
  TwinDisk disk;
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  disk.put({.number = 5, .slot = Slot::b, .tries = Tries{2, 1}}, "new", "new kernel");
  CHECK_TRUE(mark_bad(disk, running_of("postern-5-b.efi")).has_value());
  STRCMP_EQUAL("postern-4-a.efi postern-5-b+0-1.efi ", joined(disk.names()).c_str());
  STRCMP_EQUAL("postern-4-a.efi", file_name(*starts_next(disk.names())).c_str());
}

TEST(SlotKeeper, without_a_good_slot_to_go_back_to_nothing_is_marked_bad) {
  TwinDisk disk;
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  const auto result = mark_bad(disk, running_of("postern-4-a.efi"));
  CHECK_FALSE(result.has_value());
  STRCMP_EQUAL("there is nothing to go back to: slot b is empty", result.error().reason.c_str());
}

TEST(SlotKeeper, the_rescue_system_writes_the_worse_slot) {
  TwinDisk disk;
  const auto rescue = running_of("postern-rescue.efi");
  CHECK_TRUE(*slot_to_write(disk, rescue) == Slot::a);
  disk.put({.number = 4, .slot = Slot::a, .tries = {}}, "old", "old kernel");
  CHECK_TRUE(*slot_to_write(disk, rescue) == Slot::b);
  disk.put({.number = 5, .slot = Slot::b, .tries = Tries{0, 3}}, "new", "new kernel");
  CHECK_TRUE(*slot_to_write(disk, rescue) == Slot::b);
  CHECK_TRUE(slots::running_entry(disk, rescue).error().reason.find("rescue system") != std::string::npos);
}

TEST_GROUP(SlotRecord) {
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "slots-test-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  void teardown() override {
    std::filesystem::remove_all(folder);
  }
  std::filesystem::path folder;
};

TEST(SlotRecord, is_read_as_it_was_saved) {
  Record record{.floor = "0.3",
                .versions = {{Slot::a, "0.4"}, {Slot::b, "0.5"}},
                .floors = {{Slot::b, "0.4"}},
                .confirm_number = 7,
                .confirm_minutes = 10,
                .tried_number = 7,
                .last = "line one\nline two"};
  CHECK_TRUE(save_record(folder / "slots", record).has_value());
  record.last = "line one line two";
  STRCMP_EQUAL(record.text().c_str(), load_record(folder / "slots").text().c_str());
}

TEST(SlotRecord, a_missing_or_damaged_one_says_nothing) {
  STRCMP_EQUAL("", load_record(folder / "nowhere").text().c_str());
  std::ofstream(folder / "bad") << "\x01\x02 \nconfirm-number 12x\nfloor 0.2\n";
  STRCMP_EQUAL("floor 0.2\n", load_record(folder / "bad").text().c_str());
}

TEST(SlotRecord, a_slot_is_written_on_files_as_on_a_disk) {
  std::filesystem::create_directories(folder / "esp/EFI/Linux");
  std::ofstream(folder / "esp/EFI/Linux/postern-1-a.efi") << "old kernel";
  for (const auto* name : {"root-a", "root-b"}) {
    std::ofstream(folder / name) << "";
    std::filesystem::resize_file(folder / name, 64);
  }
  auto disk = open_disk(folder);
  CHECK_TRUE(disk.has_value());
  const auto entry = write_b(**disk);
  if (!entry) FAIL(entry.error().reason.c_str());
  CHECK_EQUAL(30, std::filesystem::file_size(folder / "esp/EFI/Linux/postern-2-b+3.efi"));
  std::ifstream root(folder / "root-b");
  std::string bytes(40, ' ');
  root.read(bytes.data(), 40);
  STRCMP_EQUAL(kRoot.c_str(), bytes.c_str());
  CHECK_TRUE(mark_good(**disk, running_of("postern-2-b.efi")).has_value());
  CHECK_TRUE(std::filesystem::exists(folder / "esp/EFI/Linux/postern-2-b.efi"));
}

TEST(SlotRecord, a_folder_without_an_esp_is_a_clear_fault) {
  const auto disk = open_disk(folder);
  CHECK_FALSE(disk.has_value());
  STRCMP_CONTAINS("is this a box with two slots?", disk.error().reason.c_str());
}
