// Keeps programs running: started, watched, started again with growing patience; every child is reaped.
//
// What always holds: a program's words go to the kernel's log, line by line, under its name; a program on a
// terminal has that terminal to itself.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace postern::init {

struct Service {
  std::string name;
  std::vector<std::string> words;
  std::string terminal;  // a device: the program gets it as its controlling terminal
};

class Services {
 public:
  using Clock = std::chrono::steady_clock;

  void add(Service service);
  // Starts what is due, reaps what ended, passes on what was said. Waits at most `most` for something to
  // happen.
  void turn(std::chrono::milliseconds most);
  // SIGTERM to all, then SIGKILL after the patience.
  void stop(std::chrono::seconds patience);
  bool running(const std::string& name) const;
  unsigned starts(const std::string& name) const;

 private:
  struct Kept {
    Service service;
    int pid = 0;
    int output = -1;
    std::string line;
    unsigned starts = 0;
    std::chrono::milliseconds pause{0};
    Clock::time_point due{}, since{};
  };
  void start(Kept& kept);
  void ended(Kept& kept, int status);
  void reap();
  static void pass_on(Kept& kept);

  std::vector<Kept> kept_;
  bool stopping_ = false;
};

}  // namespace postern::init
