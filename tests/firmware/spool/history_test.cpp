// Random histories with a crash at any point, against a model. A failing seed is printed and can be run
// alone: POSTERN_SEED=17 test-spool -g SpoolHistory
#include <cstdlib>

#include "tests/firmware/spool/history.hpp"

// Last: see spool_test.cpp.
#include <CppUTest/TestHarness.h>

using namespace postern::spool;
using namespace postern::spool::test;

TEST_GROUP(SpoolHistory) {
  Counters total;

  void run(std::uint64_t seed) {
    History history(seed);
    const auto trouble = history.run(6);
    auto* to = reinterpret_cast<postern::Counter*>(&total);
    for (const auto value : postern::counter_values(history.total())) *to++ += value;
    if (!trouble.empty()) FAIL(("seed " + std::to_string(seed) + ":\n" + trouble).c_str());
  }
};

TEST(SpoolHistory, NothingStoredIsLostAndNothingDoneComesBack) {
  const char* wanted = std::getenv("POSTERN_SEED");
  if (wanted != nullptr) return run(std::strtoull(wanted, nullptr, 10));
  const char* most = std::getenv("POSTERN_SEEDS");
  const std::uint64_t seeds = most != nullptr ? std::strtoull(most, nullptr, 10) : 300;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) run(seed);
  // The histories have been everywhere they are meant to go.
  CHECK(total.copied_forward > 0);
  CHECK(total.tombs_forwarded > 0);
  CHECK(total.segments_removed > 100);
  CHECK(total.evicted > 0);
  CHECK(total.read_back > 0);
  CHECK(total.append_short > 0);
  CHECK(total.writes_no_space > 0);
  CHECK(total.writes_failed > 0);
  CHECK(total.recovered > 100);
  CHECK(total.recovered_incomplete > 0);
  CHECK(total.recovered_doubtful > 0);
}
