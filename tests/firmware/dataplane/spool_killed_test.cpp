// A data plane killed at random moments: what it said is stored is there, what was long done stays away.
// A failing seed is printed: POSTERN_SEED=17 test-spool-writer -g SpoolKilled
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <map>

#include "platform/log/log.hpp"
#include "tests/firmware/dataplane/spool_mail.hpp"

// Last: its macros over `new` do not go together with what library headers do.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::dataplane;
using namespace postern::dataplane::test;

namespace {

// What a child promised before it was killed, in memory it shares with us: stored and done messages by seed.
struct Promises {
  std::atomic<std::uint64_t> stored[4096];  // message id by seed
  std::atomic<std::uint64_t> done[4096];    // 1: settled, 2: and long durable
};

[[noreturn]] void child(const std::string& directory, Promises& promises, std::uint64_t first) {
  static SpoolWriterCounters counters;
  auto writer = SpoolWriter::start({directory, 1, kSegment}, counters);
  if (!writer) ::_exit(2);
  SpoolDriver driver(**writer, small_spool());
  if (!driver.recover()) ::_exit(3);
  std::map<MessageId, std::uint64_t> seeds;
  std::vector<std::uint64_t> settled;
  for (std::uint64_t seed = first; seed < 4096; ++seed) {
    seeds[give(driver, body_of(seed, 200 + seed * 37 % 90'000))] = seed;
    for (int turns = 0; turns < 20; ++turns) {
      driver.turn();
      for (const auto& event : driver.spool().events()) {
        if (event.kind == EventKind::stored) promises.stored[seeds[event.id]] = event.id;
      }
      driver.spool().clear_events();
    }
    spool::Owed owed;
    if (seed % 3 == 0 && driver.spool().due(now(), owed) && seeds.contains(owed.id)) {
      const spool::Spool::Settled done{0, {}};
      driver.spool().settle(owed.id, {&done, 1}, now());
      promises.done[seeds[owed.id]] = 1;
      settled.push_back(seeds[owed.id]);
    }
    if (seed % 16 != 0) continue;
    driver.settle();
    for (const auto one : settled) promises.done[one] = 2;
    settled.clear();
  }
  ::_exit(0);
}

}  // namespace

TEST_GROUP(SpoolKilled) {
  ScratchDirectory scratch;
  std::string directory = scratch.path() + "/spool";
  SpoolWriterCounters counters;

  void setup() override {
    log::set_output([](std::string_view, void*) {}, nullptr);
  }
  void teardown() override {
    log::set_output(nullptr, nullptr);
  }
};

TEST(SpoolKilled, AKilledProcessLosesNothingItPromised) {
  auto* promises = static_cast<Promises*>(
      ::mmap(nullptr, sizeof(Promises), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const char* wanted = std::getenv("POSTERN_SEED");
  const auto start_seed = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : std::random_device{}();
  std::mt19937_64 random(start_seed);
  std::uint64_t first = 0;
  std::size_t stored = 0;
  std::string trouble;
  for (int round = 0; round < 8 && trouble.empty(); ++round) {
    const auto pid = ::fork();
    if (pid == 0) child(directory, *promises, first);
    ::usleep(static_cast<useconds_t>(20'000 + random() % 150'000));
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) trouble = "the child could not start";
    auto writer = SpoolWriter::start({directory, 1, kSegment}, counters);
    CHECK_TRUE(writer.has_value());
    SpoolDriver driver(**writer, small_spool());
    CHECK_TRUE(driver.recover().has_value());
    if (!driver.spool().damage().empty() && driver.spool().damage().back().id != 0)
      trouble = "a message is damaged";
    for (std::uint64_t seed = 0; seed < 4096; ++seed) {
      const auto id = promises->stored[seed].load();
      if (id == 0) continue;
      ++stored;
      first = seed + 200;
      const bool there = driver.spool().owed(id).has_value();
      if (promises->done[seed] == 0 && !there) trouble = "message " + std::to_string(seed) + " is lost";
      if (promises->done[seed] == 2 && there) trouble = "message " + std::to_string(seed) + " is back";
      const bool check = there && seed % 7 == static_cast<std::uint64_t>(round) % 7;
      if (check && read_all(driver, id) != body_of(seed, 200 + seed * 37 % 90'000)) trouble = "another body";
    }
    driver.settle();
    if (first >= 3000) break;
  }
  ::munmap(promises, sizeof(Promises));
  if (!trouble.empty()) FAIL(("seed " + std::to_string(start_seed) + ": " + trouble).c_str());
  CHECK(stored > 20);
}
