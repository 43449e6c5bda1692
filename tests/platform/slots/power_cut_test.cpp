// The proof that an update cannot leave a box that does not start: the power is cut after every operation of
// two updates in a row, every part of what was not synced is lost in turn, and the loader is played on what
// is left.
#include <random>

#include "platform/slots/keeper.hpp"
#include "platform/slots/writer.hpp"
#include "tests/platform/slots/twin_disk.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::slots;
using namespace postern::slots::testing;

namespace {

// A system: its kernel holds what its root must be, as the root hash in a UKI does.
struct System {
  Text root;
  Text kernel;
};

System system_of(char version) {
  const Text root(48, version);
  return {root, "kernel for " + root};
}

ImageFacts facts(const Text& bytes) {
  ImageFacts facts{.size = bytes.size(), .hash = {}};
  crypto_hash_sha256(facts.hash.data(), as_bytes(bytes).data(), bytes.size());
  return facts;
}

// Whether the loader, the kernel's check of itself and verity would let this entry start.
bool whole(const Image& image, const Entry& entry, const Text& kernel) {
  if (!kernel.starts_with("kernel for ") || kernel.size() != 11 + 48) return false;
  return image.roots.at(entry.slot).substr(0, 48) == kernel.substr(11);
}

std::vector<Text> names_of(const Image& image) {
  std::vector<Text> names;
  for (const auto& [name, file] : image.names) names.push_back(name);
  return names;
}

// Starts the machine again and again, as a watchdog would; how many starts until a system runs, 0: never.
int starts_until_up(Image image) {
  for (int start = 1; start <= 10; ++start) {
    const auto entry = starts_next(names_of(image));
    if (!entry) return 0;
    const auto name = file_name(*entry);
    if (!image.names.contains(name)) return 0;
    const Text kernel = *image.names.at(name);
    if (entry->tries && entry->tries->left > 0) {  // the loader counts before it loads
      Entry counted = *entry;
      counted.tries = Tries{entry->tries->left - 1, entry->tries->done + 1};
      image.names[file_name(counted)] = image.names.at(name);
      image.names.erase(name);
    }
    if (whole(image, *entry, kernel)) return start;
  }
  return 0;
}

// The log of two updates: a runs and b is written, b is found good, then a is written.
std::vector<Operation> two_updates(TwinDisk& disk) {
  const auto update = [&disk](const Running& running, const System& system) {
    const auto target = slot_to_write(disk, running);
    CHECK_TRUE(target.has_value());
    Writer writer(disk, *target, facts(system.root), facts(system.kernel));
    CHECK_TRUE(writer.begin().has_value());
    for (std::size_t at = 0; at < system.root.size(); at += 12)
      CHECK_TRUE(writer.root(as_bytes(system.root).subspan(at, 12)).has_value());
    const auto kernel = as_bytes(system.kernel);
    CHECK_TRUE(writer.kernel(kernel.first(20)).has_value());
    CHECK_TRUE(writer.kernel(kernel.subspan(20)).has_value());
    const auto entry = writer.finish();
    CHECK_TRUE(entry.has_value());
    return Running{*entry};
  };
  const auto b = update(running_of("postern-1-a.efi"), system_of('2'));
  CHECK_TRUE(mark_good(disk, b).has_value());
  const auto a = update(b, system_of('3'));
  CHECK_TRUE(mark_bad(disk, a).has_value());
  return disk.log;
}

struct Verdict {
  std::size_t cuts = 0;
  std::size_t images = 0;
  std::size_t dead = 0;   // does not start at all
  std::size_t lying = 0;  // a name without a counter before a slot that is not whole
  std::size_t most_starts = 0;
};

void judge(const Image& image, Verdict& verdict) {
  ++verdict.images;
  const int starts = starts_until_up(image.copy());
  verdict.dead += starts == 0 ? 1 : 0;
  verdict.most_starts = std::max<std::size_t>(verdict.most_starts, static_cast<std::size_t>(starts));
  for (const auto& [name, file] : image.names) {
    const auto entry = parse_entry(name);
    if (entry && entry->good() && !whole(image, *entry, *file)) ++verdict.lying;
  }
}

// Every fate of every pending operation where they are few, else a thousand of them by a fixed seed.
Verdict cut_everywhere(const std::vector<Operation>& log, std::size_t from) {
  Verdict verdict;
  std::mt19937 random(7);
  for (std::size_t count = from; count <= log.size(); ++count) {
    ++verdict.cuts;
    std::size_t fates = 1;
    for (std::size_t i = pending_after(log, count); i > 0 && fates < 2000; --i) fates *= 3;
    const bool all = fates < 2000;
    for (std::size_t number = 0; number < (all ? fates : 1000); ++number) {
      auto rest = number;
      judge(after_cut(log, count,
                      [&] {
                        if (!all) return static_cast<int>(random() % 3);
                        const auto fate = static_cast<int>(rest % 3);
                        rest /= 3;
                        return fate;
                      }),
            verdict);
    }
  }
  return verdict;
}

std::size_t start_with_two_systems(TwinDisk& disk) {
  const auto old = system_of('0');
  const auto now = system_of('1');
  disk.put({.number = 0, .slot = Slot::b, .tries = {}}, old.root, old.kernel);
  disk.put({.number = 1, .slot = Slot::a, .tries = {}}, now.root, now.kernel);
  return disk.log.size();
}

}  // namespace

TEST_GROUP(PowerCut){};

TEST(PowerCut, always_leaves_a_slot_that_starts) {
  TwinDisk disk;
  const auto from = start_with_two_systems(disk);
  const auto verdict = cut_everywhere(two_updates(disk), from);
  CHECK_TRUE(verdict.cuts > 30);
  CHECK_TRUE(verdict.images > 300);
  CHECK_EQUAL(0, verdict.dead);
  CHECK_EQUAL(0, verdict.lying);
  // The switch is after the last byte, so even a new slot starts the first time.
  CHECK_EQUAL(1, verdict.most_starts);
}

// The proof can fail: without one of the syncs it does.
TEST(PowerCut, finds_a_directory_that_was_not_synced_before_the_root_was_written) {
  TwinDisk disk;
  const auto from = start_with_two_systems(disk);
  int directory_syncs = 0;
  disk.skip_barrier = [&](const Operation& one) {
    return one.of == Operation::Kind::add && ++directory_syncs == 1;
  };
  CHECK_TRUE(cut_everywhere(two_updates(disk), from).lying > 0);
}

TEST(PowerCut, finds_a_kernel_that_was_not_synced_before_the_switch) {
  TwinDisk disk;
  const auto from = start_with_two_systems(disk);
  disk.skip_barrier = [](const Operation& one) { return one.of == Operation::Kind::content; };
  CHECK_TRUE(cut_everywhere(two_updates(disk), from).most_starts > 1);
}

TEST(PowerCut, finds_a_root_that_was_not_synced_before_the_switch) {
  TwinDisk disk;
  const auto from = start_with_two_systems(disk);
  disk.skip_barrier = [](const Operation& one) { return one.of == Operation::Kind::root; };
  CHECK_TRUE(cut_everywhere(two_updates(disk), from).most_starts > 1);
}
