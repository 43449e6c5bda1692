// The watchdog's interface, kept by the twin and by the kernel's device, behind which the test stands.
#include <fcntl.h>
#include <linux/watchdog.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "drivers/watchdog/kernel_watchdog.hpp"
#include "drivers/watchdog/memory_watchdog.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::watchdog;
using namespace std::chrono_literals;

namespace {

// A device that takes 60 seconds at most and writes down what it is told.
struct Device {
  std::string log;
  int seconds = 0;
  bool can_stop = true;
  bool settable = true;
  int boot_status = 0;
} device;

int fake_open(const char* path) {
  if (std::string(path) == "/dev/none") return errno = ENOENT, -1;
  return ::open("/dev/null", O_WRONLY | O_CLOEXEC);
}

int fake_control(int, unsigned long request, void* argument) {
  switch (request) {
    case WDIOC_SETOPTIONS:
      device.log += *static_cast<int*>(argument) == WDIOS_ENABLECARD ? "on " : "off ";
      return device.can_stop ? 0 : (errno = EOPNOTSUPP, -1);
    case WDIOC_SETTIMEOUT:
      if (!device.settable) return errno = EOPNOTSUPP, -1;
      device.seconds = std::min(*static_cast<int*>(argument), 60);
      *static_cast<int*>(argument) = device.seconds;
      device.log += "time ";
      return 0;
    case WDIOC_GETTIMEOUT:
      *static_cast<int*>(argument) = 30;
      return 0;
    case WDIOC_KEEPALIVE:
      device.log += "fed ";
      return 0;
    case WDIOC_GETSUPPORT:
      std::memcpy(static_cast<watchdog_info*>(argument)->identity, "test dog", 9);
      return 0;
    case WDIOC_GETBOOTSTATUS:
      *static_cast<int*>(argument) = device.boot_status;
      return 0;
    default:
      return errno = ENOTTY, -1;
  }
}

long fake_write(int, const void* bytes, unsigned long size) {
  device.log += std::string(static_cast<const char*>(bytes), size) + " ";
  return device.can_stop ? static_cast<long>(size) : (errno = EINVAL, -1);
}

constexpr KernelCalls kFake{fake_open, fake_control, fake_write};

}  // namespace

TEST_GROUP(Watchdog){void setup() override{device = {};
}
}
;

TEST(Watchdog, arming_says_which_time_the_device_took) {
  auto dog = open_watchdog("/dev/watchdog0", kFake);
  CHECK_TRUE(dog.has_value());
  CHECK_EQUAL(60, (*dog)->arm(90s)->count());
  STRCMP_EQUAL("on time fed ", device.log.c_str());
  STRCMP_EQUAL("test dog", (*dog)->identity().c_str());
}

TEST(Watchdog, a_device_with_a_time_of_its_own_is_taken_as_it_is) {
  device.settable = false;
  auto dog = open_watchdog("/dev/watchdog0", kFake);
  CHECK_EQUAL(30, (*dog)->arm(90s)->count());
}

TEST(Watchdog, closing_without_disarming_lets_it_run) {
  { auto dog = open_watchdog("/dev/watchdog0", kFake); }
  STRCMP_EQUAL("", device.log.c_str());
}

TEST(Watchdog, a_device_that_was_left_open_is_fed_on) {
  const auto dog = adopt_watchdog(fake_open("/dev/watchdog0"), kFake);
  CHECK_TRUE(dog->feed().has_value());
  STRCMP_EQUAL("fed ", device.log.c_str());
}

TEST(Watchdog, disarming_writes_the_letter_and_a_device_that_cannot_stop_says_so) {
  auto dog = open_watchdog("/dev/watchdog0", kFake);
  CHECK_TRUE((*dog)->disarm().has_value());
  STRCMP_EQUAL("off V ", device.log.c_str());
  device.can_stop = false;
  STRCMP_CONTAINS("cannot stop /dev/watchdog0", (*dog)->disarm().error().reason.c_str());
}

TEST(Watchdog, whether_it_caused_this_start_is_known) {
  auto dog = open_watchdog("/dev/watchdog0", kFake);
  CHECK_FALSE((*dog)->fired());
  device.boot_status = WDIOF_CARDRESET;
  CHECK_TRUE((*dog)->fired());
}

TEST(Watchdog, a_missing_device_is_one_clear_fault) {
  STRCMP_EQUAL("cannot open /dev/none: No such file or directory",
               open_watchdog("/dev/none", kFake).error().reason.c_str());
}

TEST(Watchdog, the_twin_fires_when_it_is_not_fed_and_only_then) {
  MemoryWatchdog twin(60s);
  CHECK_FALSE(twin.feed().has_value());
  CHECK_EQUAL(60, twin.arm(90s)->count());
  for (int i = 0; i < 10; ++i) {
    twin.pass(50s);
    CHECK_TRUE(twin.feed().has_value());
  }
  CHECK_FALSE(twin.fired());
  twin.pass(61s);
  CHECK_TRUE(twin.fired());
}
