// Terminals: one of the kernel over a pseudo terminal, and the twin in memory.
#include "drivers/console/memory_terminal.hpp"
#include "drivers/console/tty.hpp"

#include <array>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::terminal;

namespace {

std::string strip(MarkReader& reader, std::string bytes, bool& broke) {
  bytes.resize(reader.strip(bytes, broke));
  return bytes;
}

}  // namespace

TEST_GROUP(Marks) {
  MarkReader reader;
  bool broke = false;
};

TEST(Marks, ABreakIsToldApartFromBytes) {
  CHECK_EQUAL(std::string("ab"), strip(reader, std::string("a\xff\0\0b", 5), broke));
  CHECK(broke);
}

TEST(Marks, AMarkCutBetweenReadsIsOne) {
  CHECK_EQUAL(std::string(), strip(reader, "\xff", broke));
  CHECK_EQUAL(std::string(), strip(reader, std::string("\0", 1), broke));
  CHECK(!broke);
  CHECK_EQUAL(std::string("x"), strip(reader, std::string("\0x", 2), broke));
  CHECK(broke);
}

TEST(Marks, ADoubledByteIsItself) {
  CHECK_EQUAL(std::string("\xff"), strip(reader, "\xff\xff", broke));
  CHECK(!broke);
}

TEST(Marks, AFaultyByteIsDropped) {
  CHECK_EQUAL(std::string("z"), strip(reader, std::string("\xff\0Qz", 4), broke));
  CHECK(!broke);
}

TEST_GROUP(Tty) {
  process::Descriptor master;
  std::string path;
  void setup() override {
    master.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
    ::grantpt(master.get());
    ::unlockpt(master.get());
    std::array<char, 64> name{};
    ::ptsname_r(master.get(), name.data(), name.size());
    path = name.data();
  }
  std::string heard() {
    pollfd ready{master.get(), POLLIN, 0};
    ::poll(&ready, 1, 30000);
    std::array<char, 256> bytes;
    const auto got = ::read(master.get(), bytes.data(), bytes.size());
    return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
  }
};

TEST(Tty, BytesGoThroughAsTheyAre) {
  auto tty = terminal::Tty::open(path, 9600);
  CHECK(tty.has_value());
  LONGS_EQUAL(4, (*tty)->send("a\n\x03z"));
  CHECK_EQUAL(std::string("a\n\x03z"), heard());
  CHECK_EQUAL(3, ::write(master.get(), "\x03\r\x04", 3));
  pollfd ready{(*tty)->descriptor(), POLLIN, 0};
  ::poll(&ready, 1, 30000);
  std::array<char, 16> bytes;
  LONGS_EQUAL(3, (*tty)->receive(bytes).bytes);
  CHECK(bytes[0] == 3 && bytes[1] == '\r' && bytes[2] == 4);
}

TEST(Tty, ReadingNothingDoesNotWait) {
  auto tty = terminal::Tty::open(path, 0);
  std::array<char, 16> bytes;
  LONGS_EQUAL(0, (*tty)->receive(bytes).bytes);
}

TEST(Tty, ItIsAsBeforeAfterwards) {
  const process::Descriptor other(::open(path.c_str(), O_RDWR | O_NOCTTY));
  termios before{};
  ::tcgetattr(other.get(), &before);
  { auto tty = terminal::Tty::open(path, 19200); }
  termios after{};
  ::tcgetattr(other.get(), &after);
  CHECK_EQUAL(before.c_lflag, after.c_lflag);
  CHECK_EQUAL(::cfgetospeed(&before), ::cfgetospeed(&after));
}

TEST(Tty, TheSizeOfAWindowIsKnownAndThatOfALineIsNot) {
  auto tty = terminal::Tty::open(path, 0);
  LONGS_EQUAL(0, (*tty)->size().columns);
  const winsize size{.ws_row = 50, .ws_col = 132, .ws_xpixel = 0, .ws_ypixel = 0};
  ::ioctl(master.get(), TIOCSWINSZ, &size);
  LONGS_EQUAL(132, (*tty)->size().columns);
}

TEST(Tty, AnOddSpeedIsRefused) {
  CHECK(!terminal::Tty::open(path, 300).has_value());
  auto tty = terminal::Tty::open(path, 9600);
  CHECK(!(*tty)->set_speed(12345).has_value());
  CHECK((*tty)->set_speed(57600).has_value());
}

TEST(Tty, TheOtherEndGoneIsSeen) {
  auto tty = terminal::Tty::open(path, 0);
  master.reset();
  std::array<char, 16> bytes;
  CHECK((*tty)->receive(bytes).closed);
}

TEST(Tty, WhatIsNoTerminalIsNamed) {
  const auto tty = terminal::Tty::open("/dev/null", 0);
  CHECK(!tty.has_value() && tty.error().reason.find("/dev/null") != std::string::npos);
}

TEST_GROUP(MemoryTerminal){};

TEST(MemoryTerminal, ASlowLineTakesWhatItCan) {
  MemoryTerminal line;
  LONGS_EQUAL(4096, line.send(std::string(10000, 'x')));
  LONGS_EQUAL(0, line.send("y"));
  line.carry(960);
  LONGS_EQUAL(960, line.sent().size());
  LONGS_EQUAL(3136, line.waiting());
}
