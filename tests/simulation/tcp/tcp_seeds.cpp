// Many seeds of two engines over a bad wire, settings and faults drawn from the seed too.
//
//   tcp_seeds [first seed] [count]
//
// A seed that fails is printed with the command that replays it, and its packets as they were sent are
// written to tcp-seed-N.pcap; the exit status is then 1. At the end it says how often the rarer things
// happened, so that a fault nobody meets any more is noticed.
#include <cstdio>
#include <cstdlib>

#include "tests/firmware/tcp/two_engines.hpp"
#include "tests/simulation/tcp/capture.hpp"

namespace {

using namespace postern;
using namespace postern::tcp;
using namespace postern::tcp::testing;

std::uint32_t pick(Dice& dice, std::uint32_t limit) {
  return static_cast<std::uint32_t>(dice.below(limit));
}

Duration up_to(Dice& dice, Duration most) {
  return Duration{static_cast<Duration::rep>(dice.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

void draw_features(Dice& dice, Settings& settings) {
  settings.pacing = dice.per_mille(700);
  settings.pacing_burst = static_cast<std::uint8_t>(1 + pick(dice, 10));
  settings.hystart = dice.per_mille(700);
  settings.ecn_accept = dice.per_mille(800);
  settings.ecn_request = dice.per_mille(500);
  settings.undo = dice.per_mille(800);
  settings.mtu_probing = dice.per_mille(800);
  settings.mtu_probe_interval = dice.per_mille(500) ? 1s : 600s;
  settings.non_validated = dice.per_mille(500) ? 300s : 1s;
  settings.user_timeout_from_peer = false;
  if (dice.per_mille(300)) settings.user_timeout_announced = 500s;
  if (dice.per_mille(300)) settings.useless_data_acks = static_cast<std::uint8_t>(1 + pick(dice, 64));
}

Settings draw_settings(Dice& dice) {
  Settings settings;
  settings.connections = 4;
  settings.half_open = 4;
  settings.half_open_plain = dice.per_mille(200) ? 0 : 3;
  settings.time_wait_records = 4;
  settings.replies = 16;
  settings.buffer_memory = std::uint64_t{dice.per_mille(150) ? 12 + pick(dice, 40) : 1000} * 4096;
  settings.send_buffer = dice.per_mille(300) ? 600 + pick(dice, 8000) : 256 * 1024;
  settings.receive_buffer = dice.per_mille(300) ? 600 + pick(dice, 20'000) : 256 * 1024;
  settings.out_of_order_ranges = static_cast<std::uint8_t>(1 + pick(dice, 128));
  settings.timers_per_advance = 1 + pick(dice, 16);
  if (dice.per_mille(200)) settings.mtu = static_cast<std::uint16_t>(600 + pick(dice, 900));
  settings.keepalive_idle = dice.per_mille(100) ? 1s : 7200s;
  settings.user_timeout = 12h;
  settings.connect_timeout = 3600s;
  settings.fin_wait_2 = 24h;
  settings.time_wait = 2h;  // longer than a burst of losses can hide the last acknowledgment
  settings.keepalive_probes = 255;
  settings.fin_wait_longest = 24h;
  settings.zero_window = 0s;
  settings.retransmissions = 255;
  settings.syn_ack_retries = 20;
  draw_features(dice, settings);
  return settings;
}

// What lasts for a while.
void draw_spells(Dice& dice, WireFaults& faults) {
  if (dice.per_mille(200)) {
    faults.burst = 1 + pick(dice, 6);
    faults.burst_length = 1 + pick(dice, 20);
  }
  if (dice.per_mille(150)) {
    faults.cut_from = up_to(dice, 2s);
    faults.cut_until = faults.cut_from + up_to(dice, 10s);
    faults.cut_way = static_cast<int>(pick(dice, 3)) - 1;
  }
  if (dice.per_mille(150)) {
    faults.shrink_from = up_to(dice, 1s);
    faults.shrink_until = faults.shrink_from + up_to(dice, 3s);
    faults.shrink_shift = static_cast<std::uint8_t>(1 + pick(dice, 16));
  }
  if (dice.per_mille(200)) {
    faults.mtu = static_cast<std::uint16_t>(620 + pick(dice, 900));
    faults.mtu_told = dice.per_mille(500);
    if (dice.per_mille(500)) faults.mtu_from = up_to(dice, 2s);
    if (dice.per_mille(500)) faults.mtu_until = faults.mtu_from + up_to(dice, 5s);
  }
}

// What boxes in between do.
void draw_boxes(Dice& dice, WireFaults& faults) {
  if (dice.per_mille(150)) faults.ack_loss = pick(dice, 400);
  if (dice.per_mille(150)) faults.thinning = 1ms + up_to(dice, 20ms);
  if (dice.per_mille(300)) faults.mark = pick(dice, 100);
  faults.strip_sack = dice.per_mille(100);
  faults.strip_scale = dice.per_mille(50);
  faults.strip_timestamps = dice.per_mille(100);
  if (dice.per_mille(50)) faults.timestamps_until = up_to(dice, 2s);
}

WireFaults draw_faults(Dice& dice) {
  WireFaults faults;
  faults.loss = dice.per_mille(700) ? pick(dice, 150) : 0;
  faults.repeat = dice.per_mille(300) ? pick(dice, 100) : 0;
  faults.corrupt = dice.per_mille(300) ? pick(dice, 60) : 0;
  faults.late = dice.per_mille(400) ? pick(dice, 150) : 0;
  faults.lateness = up_to(dice, 300ms);
  faults.delay = up_to(dice, dice.per_mille(500) ? 2ms : 150ms);
  faults.jitter = dice.per_mille(500) ? up_to(dice, 30ms) : 0ms;
  draw_spells(dice, faults);
  draw_boxes(dice, faults);
  return faults;
}

Plan draw_plan(Dice& dice) {
  Plan plan;
  plan.bytes = dice.below(dice.per_mille(800) ? 60'000 : 600'000);
  plan.most_per_write = 1 + pick(dice, 20'000);
  plan.most_per_read = 1 + pick(dice, 20'000);
  plan.read_chance = dice.per_mille(500) ? 1000 : 200 + pick(dice, 800);
  return plan;
}

// How often the rarer things happened, both sides of all seeds together.
struct Tally {
  std::uint64_t packets = 0;
  std::uint64_t failed = 0;
  Counters sum;

  void add(const TwoEngines& world) {
    packets += world.packets();
    for (const Side& side : world.sides) {
      const Counters& c = side.counters;
      sum.timeouts += c.timeouts;
      sum.recoveries += c.recoveries;
      sum.tail_probes += c.tail_probes;
      sum.window_probes += c.window_probes;
      sum.ecn_reductions += c.ecn_reductions;
      sum.spurious_by_echo += c.spurious_by_echo;
      sum.spurious_by_duplicates += c.spurious_by_duplicates;
      sum.spurious_timeouts += c.spurious_timeouts;
      sum.path_mtu_reduced += c.path_mtu_reduced;
      sum.path_mtu_raised += c.path_mtu_raised;
      sum.path_mtu_probes_lost += c.path_mtu_probes_lost;
      sum.windows_outlived += c.windows_outlived;
      sum.paced += c.paced;
      sum.cookies_accepted += c.cookies_accepted;
      sum.timestamp_missing += c.timestamp_missing;
    }
  }
  void print(std::uint64_t count) const;
};

void Tally::print(std::uint64_t count) const {
  const auto line = [](const char* name, std::uint64_t value) {
    std::printf("  %-24s %llu\n", name, static_cast<unsigned long long>(value));
  };
  line("time-outs", sum.timeouts);
  line("recoveries", sum.recoveries);
  line("tail probes", sum.tail_probes);
  line("window probes", sum.window_probes);
  line("ECN reductions", sum.ecn_reductions);
  line("undone by echo", sum.spurious_by_echo);
  line("undone by D-SACK", sum.spurious_by_duplicates);
  line("undone by F-RTO", sum.spurious_timeouts);
  line("path MTU reduced", sum.path_mtu_reduced);
  line("path MTU raised", sum.path_mtu_raised);
  line("path probes lost", sum.path_mtu_probes_lost);
  line("windows outlived", sum.windows_outlived);
  line("waits for the pace", sum.paced);
  line("cookies accepted", sum.cookies_accepted);
  line("timestamps missing", sum.timestamp_missing);
  std::printf("%llu seeds, %llu packets, %llu failed\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(packets), static_cast<unsigned long long>(failed));
}

// One run; empty where all went well. Its packets go into `capture` where there is one.
std::string run_seed(std::uint64_t seed, Tally& tally, Capture* capture) {
  Dice dice{Dice{seed}.next()};
  const Settings client = draw_settings(dice);
  const Settings server = draw_settings(dice);
  const WireFaults faults = draw_faults(dice);
  const Plan up = draw_plan(dice);
  const Plan down = draw_plan(dice);
  TwoEngines world{seed, faults, client, server};
  if (capture != nullptr) {
    world.observer = [capture](Instant now, int, const OutgoingSegment& out, Bytes bytes) {
      capture->add(now, out, bytes);
    };
  }
  const std::string fault = world.run(up, down, 24h);
  tally.add(world);
  return fault;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000;
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::string fault = run_seed(seed, tally, nullptr);
    if (fault.empty()) continue;
    ++tally.failed;
    const std::string file = "tcp-seed-" + std::to_string(seed) + ".pcap";
    Capture capture{file};
    Tally again;
    run_seed(seed, again, &capture);
    std::printf("seed %llu: %s\n  replay: %s %llu 1\n  packets: %s\n", static_cast<unsigned long long>(seed),
                fault.c_str(), argv[0], static_cast<unsigned long long>(seed), file.c_str());
    std::fflush(stdout);
  }
  tally.print(count);
  return tally.failed == 0 ? 0 : 1;
}
