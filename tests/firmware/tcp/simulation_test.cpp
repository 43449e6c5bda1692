// Whole conversations over bad wires, many seeds each. A failing seed is printed with its fault; the same
// seed replays the same run.
#include "tests/firmware/tcp/two_engines.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {
namespace {

using testing::Dice;
using testing::Plan;
using testing::TwoEngines;
using testing::WireFaults;

Settings small_settings() {
  Settings settings;
  settings.connections = 16;
  settings.half_open = 16;
  settings.half_open_plain = 8;
  settings.time_wait_records = 16;
  settings.buffer_memory = 8 << 20;
  settings.replies = 64;
  // Longer than losses can hide a FIN or an acknowledgment.
  settings.time_wait = settings.fin_wait_2 = settings.user_timeout = 1h;
  settings.retransmissions = 255;
  return settings;
}

void run_seed(std::uint64_t seed, const WireFaults& faults, const Settings& settings, const Plan& client,
              const Plan& server) {
  TwoEngines world{seed, faults, settings, settings};
  const std::string fault = world.run(client, server, 2h);
  if (fault.empty()) return;
  FAIL(("seed " + std::to_string(seed) + ": " + fault).c_str());
}

}  // namespace

TEST_GROUP(Simulation){};

TEST(Simulation, a_clean_wire_carries_both_streams_and_both_ends_close) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) run_seed(seed, {}, small_settings(), {100'000}, {50'000});
}

TEST(Simulation, a_clean_wire_needs_no_retransmission) {
  TwoEngines world{1, {}, small_settings(), small_settings()};
  STRCMP_EQUAL("", world.run({300'000}, {300'000}, 1h).c_str());
  LONGS_EQUAL(0, world.sides[0].counters.retransmitted);
  LONGS_EQUAL(0, world.sides[1].counters.retransmitted);
}

TEST(Simulation, empty_streams_open_and_close) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    run_seed(seed, {.loss = 100, .jitter = 2ms}, small_settings(), {0}, {0});
  }
}

TEST(Simulation, loss_is_repaired) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    run_seed(seed, {.loss = static_cast<std::uint32_t>(seed * 3)}, small_settings(), {100'000}, {30'000});
  }
}

TEST(Simulation, everything_at_once_is_survived) {
  for (std::uint64_t seed = 0; seed < 80; ++seed) {
    Dice dice{seed};
    WireFaults faults;
    faults.loss = static_cast<std::uint32_t>(dice.below(120));
    faults.repeat = static_cast<std::uint32_t>(dice.below(60));
    faults.corrupt = static_cast<std::uint32_t>(dice.below(60));
    faults.late = static_cast<std::uint32_t>(dice.below(100));
    faults.jitter = Duration{static_cast<Duration::rep>(dice.below(20'000'000))};
    faults.lateness = 150ms;
    faults.delay = Duration{static_cast<Duration::rep>(100'000 + dice.below(80'000'000))};
    Plan client{dice.below(80'000), 4000, 3000, static_cast<std::uint32_t>(300 + dice.below(701))};
    Plan server{dice.below(80'000), 4000, 3000, static_cast<std::uint32_t>(300 + dice.below(701))};
    run_seed(seed, faults, small_settings(), client, server);
  }
}

TEST(Simulation, tiny_windows_and_slow_readers_do_not_stall) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Settings settings = small_settings();
    settings.receive_buffer = static_cast<std::uint32_t>(700 + seed * 97);
    settings.send_buffer = 3000;
    run_seed(seed, {.loss = 30, .jitter = 3ms}, settings, {20'000, 900, 300, 100}, {20'000, 900, 300, 100});
  }
}

TEST(Simulation, little_memory_slows_down_and_does_not_break) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Settings settings = small_settings();
    settings.buffer_memory = 64 * 4096;
    run_seed(seed, {.loss = 30, .late = 100, .lateness = 50ms}, settings, {150'000}, {150'000});
  }
}

TEST(Simulation, hardly_any_memory_still_gets_there) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Settings settings = small_settings();
    settings.buffer_memory = 12 * 4096;
    run_seed(seed, {.loss = 50, .late = 100, .lateness = 50ms}, settings, {60'000}, {60'000});
  }
}

TEST(Simulation, a_cut_of_ten_seconds_is_survived) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    run_seed(seed, {.loss = 10, .cut_from = 100ms, .cut_until = 10s}, small_settings(), {400'000}, {400'000});
  }
}

TEST(Simulation, a_path_that_swallows_large_packets_is_found_out) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    run_seed(seed, {.mtu = 1300}, small_settings(), {50'000}, {50'000});
  }
}

TEST(Simulation, one_way_may_be_cut_alone) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WireFaults faults{.loss = 10, .cut_from = 50ms, .cut_until = 4s};
    faults.cut_way = static_cast<int>(seed % 2);
    run_seed(seed, faults, small_settings(), {300'000}, {300'000});
  }
}

TEST(Simulation, bursts_of_losses_are_repaired) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    run_seed(seed, {.burst = 5, .burst_length = 12}, small_settings(), {200'000}, {50'000});
  }
}

TEST(Simulation, few_acknowledgments_are_enough) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    run_seed(seed, {.ack_loss = 400}, small_settings(), {300'000}, {0});
    run_seed(seed, {.loss = 10, .thinning = 10ms}, small_settings(), {300'000}, {0});
  }
}

TEST(Simulation, a_window_that_shrinks_is_survived) {  // RFC 9293 §3.8.6
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WireFaults faults{.loss = 10, .delay = 20ms};
    faults.shrink_from = 100ms;
    faults.shrink_until = 2s;
    faults.shrink_shift = static_cast<std::uint8_t>(seed % 17);
    run_seed(seed, faults, small_settings(), {400'000}, {400'000});
  }
}

TEST(Simulation, a_path_that_becomes_smaller_and_larger_is_followed) {  // RFC 1191, RFC 4821 §7
  std::uint64_t raised = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WireFaults faults{.loss = 2, .mtu = 1300, .mtu_from = 300ms, .mtu_until = 3s, .mtu_told = seed % 2 == 0};
    Settings settings = small_settings();
    settings.mtu_probe_interval = 1s;
    TwoEngines world{seed, faults, settings, settings};
    STRCMP_EQUAL("", world.run({4'000'000}, {0}, 1h).c_str());
    raised += world.sides[0].counters.path_mtu_raised;
  }
  CHECK(raised > 0);
}

TEST(Simulation, a_path_that_marks_loses_nothing) {  // RFC 3168 §6.1
  Settings settings = small_settings();
  settings.ecn_request = true;
  TwoEngines world{3, {.mark = 20}, settings, settings};
  STRCMP_EQUAL("", world.run({600'000}, {0}, 1h).c_str());
  CHECK(world.sides[0].counters.ecn_reductions > 0);
  LONGS_EQUAL(0, world.sides[0].counters.retransmitted);
}

TEST(Simulation, boxes_that_remove_options_are_survived) {
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    WireFaults faults{.loss = 20};
    faults.strip_sack = (seed & 1) != 0;
    faults.strip_scale = (seed & 2) != 0;
    faults.strip_timestamps = (seed & 4) != 0;
    if ((seed & 8) != 0) faults.timestamps_until = 200ms;
    run_seed(seed, faults, small_settings(), {150'000}, {150'000});
  }
}

TEST(Simulation, the_same_seed_gives_the_same_run) {
  std::uint64_t packets[2];
  for (auto& count : packets) {
    TwoEngines world{77, {.loss = 50, .jitter = 4ms}, small_settings(), small_settings()};
    STRCMP_EQUAL("", world.run({60'000}, {60'000}, 1h).c_str());
    count = world.packets();
  }
  LONGS_EQUAL(packets[0], packets[1]);
}

}  // namespace postern::tcp
