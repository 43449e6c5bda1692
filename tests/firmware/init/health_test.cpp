// When the watchdog is fed, when the gate is passed, and which driver a port gets.
#include "firmware/init/health.hpp"

#include <CppUTest/TestHarness.h>

#include "firmware/init/gate.hpp"
#include "firmware/init/measure.hpp"
#include "firmware/init/ports.hpp"

using namespace postern;
using std::chrono::seconds;

namespace {

const init::Heart::Clock::time_point kStart{};

init::Pulse running(std::vector<std::uint64_t> polls) {
  return {.answers = true, .running = true, .polls = std::move(polls)};
}

}  // namespace

TEST_GROUP(Health) {
  init::Heart heart{kStart};
};

TEST(Health, a_box_whose_cores_move_is_well) {
  for (unsigned i = 0; i < 100; ++i) heart.take(running({i + 1, 2 * i + 1}), kStart + seconds(i * 2));
  CHECK(heart.beats());
  STRCMP_EQUAL("", heart.trouble(kStart + seconds(200)).c_str());
}

TEST(Health, one_core_that_stands_still_is_trouble_even_if_the_other_moves) {
  for (unsigned i = 0; i < 20; ++i) heart.take(running({i + 1, 7}), kStart + seconds(i * 2));
  CHECK_FALSE(heart.beats());
  STRCMP_EQUAL("a packet core stands still", heart.trouble(kStart + seconds(40)).c_str());
}

TEST(Health, a_data_plane_that_starts_again_is_no_trouble) {
  heart.take(running({5}), kStart);
  for (int i = 1; i < 60; ++i)
    heart.take({.answers = true, .running = false, .polls = {}}, kStart + seconds(i * 2));
  CHECK_FALSE(heart.beats());
  STRCMP_EQUAL("", heart.trouble(kStart + seconds(120)).c_str());
}

TEST(Health, a_control_that_is_silent_for_long_is_trouble) {
  heart.take(running({5}), kStart);
  for (int i = 1; i < 60; ++i) heart.take({}, kStart + seconds(i * 2));
  CHECK_FALSE(heart.trouble(kStart + seconds(120)).empty());
}

TEST(Health, a_short_silence_says_nothing_about_the_cores) {
  heart.take(running({5}), kStart);
  for (int i = 1; i < 25; ++i) heart.take({}, kStart + seconds(i * 2));
  heart.take(running({6}), kStart + seconds(50));
  STRCMP_EQUAL("", heart.trouble(kStart + seconds(60)).c_str());
}

TEST(Health, the_pulse_is_read_from_the_status) {
  const auto pulse = init::read_pulse(
      R"({"dataplane":{"phase":"running"},"counters":{"dataplane":{"polls":{"total":12,"shards":[5,7]}}}})");
  CHECK(pulse.answers && pulse.running);
  LONGS_EQUAL(2, pulse.polls.size());
  LONGS_EQUAL(7, pulse.polls[1]);
}

TEST(Health, what_is_no_status_gives_no_pulse) {
  for (const auto* text : {"", "nonsense", "[]", R"({"error":"no"})"})
    CHECK_FALSE(init::read_pulse(text).answers);
  CHECK_FALSE(
      init::read_pulse(R"({"dataplane":{"phase":7},"counters":{"dataplane":{"polls":{"shards":"x"}}}})")
          .running);
}

TEST(Health, the_gate_sees_its_own_message_and_no_other) {
  const std::string answer =
      R"({"last":3,"outcomes":[{"to":"x@y","result":"delivered"},{"to":"gate-1@[127.0.0.1]","result":"accepted"}]})";
  CHECK(init::find_message(answer, "gate-1@[127.0.0.1]").accepted);
  CHECK_FALSE(init::find_message(answer, "gate-1@[127.0.0.1]").concluded);
  CHECK_FALSE(init::find_message(answer, "gate-2@[127.0.0.1]").accepted);
  CHECK_FALSE(init::find_message("nonsense", "x@y").concluded);
  CHECK(init::find_message(answer, "x@y").concluded);
}

TEST(Health, readings_are_written_down_with_what_they_mean) {
  STRCMP_EQUAL("[{\"name\":\"cpu\",\"value\":91,\"unit\":\"C\",\"verdict\":\"high\"}]\n",
               init::readings_text({{"cpu", "C", 91, sensors::Verdict::high}}).c_str());
}

TEST(Health, a_port_behind_an_iommu_gets_vfio) {
  CHECK(init::choose_binding("auto", {.iommu = true, .lockdown = false}) == init::Binding::vfio);
  CHECK(init::choose_binding("auto", {.iommu = true, .lockdown = true}) == init::Binding::vfio);
}

TEST(Health, a_port_without_one_gets_uio_unless_the_kernel_is_locked_down) {
  CHECK(init::choose_binding("auto", {.iommu = false, .lockdown = false}) == init::Binding::uio);
  CHECK(init::choose_binding("auto", {.iommu = false, .lockdown = true}) == init::Binding::kernel);
  CHECK(init::choose_binding("uio_pci_generic", {.iommu = true, .lockdown = true}) == init::Binding::vfio);
}
