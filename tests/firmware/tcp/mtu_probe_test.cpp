// Data that probe for larger packets. RFC 4821, RFC 8899 §5 for the numbers.
#include <algorithm>

#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Talk;
using testing::talk_settings;

namespace {

Settings roomy() {
  Settings settings = talk_settings();
  settings.send_buffer = 2 << 20;
  return settings;
}

// Sends and acknowledges at once until `bytes` more are through; what is larger than `limit` bytes of payload
// does not arrive. Returns the largest segment that was tried.
std::uint32_t carry(Talk& talk, std::uint32_t bytes, std::uint32_t limit) {
  std::uint32_t next = static_cast<std::uint32_t>(talk.last.sequence - talk.own_first + talk.last_length);
  if (next == 0) next = 1;
  const std::uint32_t end = next + bytes;
  std::uint32_t largest = 0;
  std::vector<wire::TcpSackBlock> held;
  talk.write(bytes);
  for (int steps = 0; steps < 5000 && next < end; ++steps) {
    for (std::string text = talk.one(); !text.empty(); text = talk.one()) {
      largest = std::max(largest, talk.last_length);
      if (talk.last_length == 0 || talk.last_length > limit) continue;
      const std::uint32_t start = talk.last.sequence - talk.own_first;
      held.push_back({start, start + talk.last_length});
    }
    std::sort(held.begin(), held.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    while (!held.empty() && held.front().start <= next) {
      next = std::max(next, held.front().end);
      held.erase(held.begin());
    }
    testing::Options options;
    if (!held.empty()) {
      wire::TcpSackBlock block = held.front();
      for (const auto& more : held) {
        if (more.start <= block.end) block.end = std::max(block.end, more.end);
      }
      options.sack = {block};
    }
    talk.now += 10ms;
    talk.send((". 1:1(0) ack " + std::to_string(next)).c_str(), options);
    talk.wait(1ms);
  }
  CHECK(next >= end);
  return largest;
}

// The path is said to take 1300 bytes of packet, and so it does until somebody says otherwise.
void told_too_big(Talk& talk) {
  talk.open();
  carry(talk, 60'000, 1460);
  talk.write(1460);
  talk.all();
  const IcmpError error{talk.engine.flow(talk.id), IcmpError::Kind::packet_too_big, talk.last.sequence, 1300};
  talk.engine.accept_icmp(error, talk.now);
  LONGS_EQUAL(1260, talk.engine.facts(talk.id)->mss);
  talk.all();
  const std::uint32_t end = talk.last.sequence - talk.own_first + talk.last_length;
  talk.send((". 1:1(0) ack " + std::to_string(end)).c_str());
}

}  // namespace

TEST_GROUP(TcpMtuProbe){};

TEST(TcpMtuProbe, nothing_is_probed_before_its_time) {  // RFC 8899 §5.1.1
  Talk talk{roomy()};
  told_too_big(talk);
  talk.wait(590s);
  LONGS_EQUAL(1260, carry(talk, 200'000, 1460));
  LONGS_EQUAL(0, talk.counters.path_mtu_probes);
}

TEST(TcpMtuProbe, a_path_that_became_larger_is_found_by_halves) {  // RFC 4821 §7.2
  Talk talk{roomy()};
  told_too_big(talk);
  talk.wait(601s);
  carry(talk, 500'000, 1460);
  CHECK(talk.engine.facts(talk.id)->mss >= 1460 - 16);
  CHECK(talk.counters.path_mtu_raised >= 3);
  LONGS_EQUAL(0, talk.counters.path_mtu_probes_lost);
}

TEST(TcpMtuProbe, a_lost_probe_is_no_congestion) {  // RFC 4821 §7.5
  Talk talk{roomy()};
  told_too_big(talk);
  talk.wait(601s);
  const std::uint32_t largest = carry(talk, 500'000, 1260);
  CHECK(largest > 1260);
  LONGS_EQUAL(1260, talk.engine.facts(talk.id)->mss);
  CHECK(talk.counters.path_mtu_probes_lost > 0);
  LONGS_EQUAL(0, talk.counters.recoveries);
  LONGS_EQUAL(0, talk.counters.timeouts);
}

TEST(TcpMtuProbe, a_size_is_tried_three_times) {  // RFC 8899 §5.1.2
  Talk talk{roomy()};
  told_too_big(talk);
  talk.wait(601s);
  carry(talk, 900'000, 1260);
  LONGS_EQUAL(0, talk.counters.path_mtu_probes_lost % 3);
  CHECK(talk.counters.path_mtu_probes_lost <= 3 * 5);  // 1360, 1310, 1285, ...
  const std::uint64_t before = talk.counters.path_mtu_probes;
  carry(talk, 300'000, 1260);
  LONGS_EQUAL(before, talk.counters.path_mtu_probes);  // the search is over
}

TEST(TcpMtuProbe, a_size_in_between_is_found) {  // RFC 4821 §7.2
  Talk talk{roomy()};
  told_too_big(talk);
  talk.wait(601s);
  carry(talk, 1'500'000, 1400);
  const std::uint32_t mss = talk.engine.facts(talk.id)->mss;
  CHECK(mss <= 1400 && mss >= 1400 - 16);
}

TEST(TcpMtuProbe, little_data_are_not_risked) {  // RFC 4821 §7.3
  Talk talk{roomy()};
  told_too_big(talk);
  talk.wait(601s);
  for (int i = 0; i < 50; ++i) carry(talk, 3000, 1460);
  LONGS_EQUAL(0, talk.counters.path_mtu_probes);
}

TEST(TcpMtuProbe, a_setting_turns_it_off) {
  Settings settings = roomy();
  settings.mtu_probing = false;
  Talk talk{settings};
  told_too_big(talk);
  talk.wait(700s);
  LONGS_EQUAL(1260, carry(talk, 300'000, 1460));
}

}  // namespace postern::tcp
