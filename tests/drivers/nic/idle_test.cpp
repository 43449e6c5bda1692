// When an idle core sleeps, and that a frame wakes it.
#include "drivers/nic/idle.hpp"

#include <unistd.h>

#include <thread>

#include "drivers/nic/memory_port.hpp"
#include "platform/clock/clock.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::nic;

namespace {

constexpr Instant kNow{1s};

// A port with nothing but a descriptor.
class DescriptorPort final : public Port {
 public:
  explicit DescriptorPort(int descriptor) : descriptor_(descriptor) {}
  const PortFacts& facts() const override { return facts_; }
  Counters& counters() override { return counters_; }
  std::size_t receive(std::span<Frame>, Instant) override { return 0; }
  void release(std::span<Frame>) override {}
  bool allocate(Frame&) override { return false; }
  void discard(Frame&) override {}
  void transmit(std::span<Frame>, Instant) override {}
  int wait_descriptor() const override { return descriptor_; }

 private:
  PortFacts facts_;
  Counters counters_;
  int descriptor_;
};

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { CHECK_EQUAL(0, ::pipe(ends)); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
};

}  // namespace

TEST_GROUP(IdleGovernor){};

TEST(IdleGovernor, does_not_sleep_before_enough_empty_polls) {
  IdleGovernor idle({.empty_polls = 100});
  for (int i = 0; i < 99; ++i) CHECK_TRUE(idle.decide(false, kNow, kNever) == Duration::zero());
  CHECK_TRUE(idle.decide(false, kNow, kNever) == 5us);
}

TEST(IdleGovernor, a_core_with_work_now_and_then_never_sleeps) {
  IdleGovernor idle({.empty_polls = 100});
  for (int i = 0; i < 10'000; ++i) CHECK_TRUE(idle.decide(i % 99 == 0, kNow, kNever) == Duration::zero());
}

TEST(IdleGovernor, sleeps_grow_up_to_the_longest) {
  IdleGovernor idle({.empty_polls = 1, .first = 50us, .longest = 150us});
  CHECK_TRUE(idle.decide(false, kNow, kNever) == 50us);
  CHECK_TRUE(idle.decide(false, kNow, kNever) == 100us);
  CHECK_TRUE(idle.decide(false, kNow, kNever) == 150us);
  CHECK_TRUE(idle.decide(false, kNow, kNever) == 150us);
  idle.decide(true, kNow, kNever);
  CHECK_TRUE(idle.decide(false, kNow, kNever) == 50us);
}

TEST(IdleGovernor, never_sleeps_past_the_deadline) {
  IdleGovernor idle({.empty_polls = 1, .first = 50us});
  CHECK_TRUE(idle.decide(false, kNow, kNow + 20us) == 20us);
  CHECK_TRUE(idle.decide(false, kNow, kNow + 1us) == Duration::zero());
  CHECK_TRUE(idle.decide(false, kNow, kNow - 1s) == Duration::zero());
}

TEST(IdleGovernor, never_sleeps_where_it_may_not) {
  IdleGovernor idle({.may_sleep = false, .empty_polls = 1});
  for (int i = 0; i < 100; ++i) CHECK_TRUE(idle.decide(false, kNow, kNever) == Duration::zero());
}

TEST(IdleGovernor, counts_what_it_slept) {
  IdleGovernor idle({.empty_polls = 1, .first = 100us});
  idle.after_poll(false, kNow, kNever);
  CHECK_EQUAL(1, idle.counters().sleeps);
  CHECK_TRUE(idle.counters().slept_nanoseconds >= 100'000);
  CHECK_EQUAL(0, idle.counters().woken_by_frame);
}

TEST(IdleGovernor, a_frame_ends_the_sleep) {
  Pipe pipe;
  DescriptorPort port(pipe.ends[0]);
  std::array<Port*, 1> ports{&port};
  IdleGovernor idle({.empty_polls = 1, .first = 900ms, .longest = 900ms}, ports);
  CHECK_TRUE(idle.wakes_by_frame());
  std::thread waker([&pipe] {
    std::this_thread::sleep_for(5ms);
    CHECK_EQUAL(1, ::write(pipe.ends[1], "x", 1));
  });
  const auto before = clock::kernel_instant();
  idle.after_poll(false, kNow, kNever);
  const auto slept = clock::kernel_instant() - before;
  waker.join();
  CHECK_TRUE(slept < 500ms);
  CHECK_EQUAL(1, idle.counters().woken_by_frame);
}

TEST(IdleGovernor, one_port_that_cannot_wake_the_core_means_short_plain_sleeps) {
  Pipe pipe;
  DescriptorPort with(pipe.ends[0]);
  DescriptorPort without(-1);
  std::array<Port*, 2> ports{&with, &without};
  const IdleGovernor idle({}, ports);
  CHECK_FALSE(idle.wakes_by_frame());
}
