// DPDK started for real, with ordinary pages and no rights: cores, threads, faults.
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>

#include "platform/eal/eal.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

board::Board small_board() {
  board::Board board;
  board.source = "b.toml";
  board.memory = {.hugepages = false, .megabytes = 64};
  board.cores.data = {0};
  board::Port port;
  port.name = "wan";
  port.kind = board::Port::Kind::vdev;
  port.device = "net_null0";
  board.ports.push_back(port);
  return board;
}

// DPDK starts once per process: each test has a process of its own. Returns what it printed to standard
// output.
std::string in_a_process(const std::function<bool()>& body) {
  std::array<int, 2> ends{};
  CHECK_EQUAL(0, ::pipe(ends.data()));
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    const bool right = body();
    ::fflush(stdout);
    ::_exit(right ? 0 : 1);
  }
  ::close(ends[1]);
  std::string printed;
  std::array<char, 256> buffer;
  for (ssize_t got; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
    printed.append(buffer.data(), got);
  ::close(ends[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK_TRUE(WIFEXITED(status));
  CHECK_EQUAL(0, WEXITSTATUS(status));
  return printed;
}

std::string this_thread_name() {
  std::array<char, 16> name{};
  ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return name.data();
}

}  // namespace

TEST_GROUP(EalStart){};

TEST(EalStart, runs_a_body_on_its_own_named_and_pinned_thread) {
  in_a_process([] {
    auto eal = eal::Eal::start(small_board(), "test");
    if (!eal) return false;
    std::string name;
    int cpus = 0;
    pthread_t thread{};
    const auto started = (*eal)->run_on_data_core(0, "packets-0", [&] {
      name = this_thread_name();
      cpu_set_t set;
      ::sched_getaffinity(0, sizeof set, &set);
      cpus = CPU_COUNT(&set) == 1 && CPU_ISSET(0, &set) ? 1 : -1;
      thread = ::pthread_self();
    });
    (*eal)->wait(0);
    return started.has_value() && name == "packets-0" && cpus == 1 && thread != ::pthread_self() &&
           !(*eal)->is_running(0);
  });
}

TEST(EalStart, a_busy_core_refuses_a_second_body_and_takes_the_next_one_later) {
  in_a_process([] {
    auto eal = eal::Eal::start(small_board(), "test");
    if (!eal) return false;
    std::atomic<bool> go{false};
    if (!(*eal)->run_on_data_core(0, "a", [&] {
          while (!go) ::usleep(1000);
        }))
      return false;
    const auto second = (*eal)->run_on_data_core(0, "b", [] {});
    const bool refused = !second && second.error().reason == "data core 0 is busy already";
    const bool running = (*eal)->is_running(0);
    go = true;
    (*eal)->wait(0);
    return refused && running && (*eal)->run_on_data_core(0, "c", [] {}).has_value() &&
           !(*eal)->run_on_data_core(7, "d", [] {}).has_value();
  });
}

TEST(EalStart, attaches_ports_and_prints_nothing_to_standard_output) {
  const auto printed = in_a_process([] {
    auto eal = eal::Eal::start(small_board(), "test");
    return eal && (*eal)->attach_port((*eal)->board().ports[0]).has_value();
  });
  STRCMP_EQUAL("", printed.c_str());
}

TEST(EalStart, a_second_start_is_refused) {
  in_a_process([] {
    auto first = eal::Eal::start(small_board(), "test");
    auto second = eal::Eal::start(small_board(), "test");
    return first && !second && second.error().front().reason.find("already started") != std::string::npos;
  });
}

TEST(EalStart, a_start_refused_by_the_checks_may_be_tried_again) {
  in_a_process([] {
    auto board = small_board();
    board.cores.data = {900};
    if (eal::Eal::start(board, "test")) return false;
    return eal::Eal::start(small_board(), "test").has_value();
  });
}

TEST(EalStart, uses_huge_pages_where_there_are_enough) {
  auto board = small_board();
  board.memory = {.hugepages = true, .megabytes = 64};
  if (!eal::check(board).empty()) {
    std::printf("\n(skipped: no 64 MB of free huge pages)\n");
    return;
  }
  in_a_process([&board] { return eal::Eal::start(board, "test").has_value(); });
}

TEST(EalStart, without_rights_says_which_are_missing_for_what) {
  if (::geteuid() != 0) {
    std::printf("\n(skipped: needs root, to give it up)\n");
    return;
  }
  in_a_process([] {
    if (::setresuid(65534, 65534, 65534) != 0) return false;
    auto board = small_board();
    board.ports[0].device = "net_af_packet0,iface=lo";
    board.ports[0].exception_tap = "pk-tap";
    const auto eal = eal::Eal::start(board, "test");
    return !eal && eal.error().size() == 2 &&
           eal.error()[0].reason ==
               "b.toml: an af_packet port needs the right CAP_NET_RAW: start as root, or give the "
               "program that capability" &&
           eal.error()[1].reason.starts_with("b.toml: exception_tap needs the right CAP_NET_ADMIN");
  });
}

TEST(EalStart, a_device_that_does_not_take_its_arguments_is_one_clear_fault) {
  in_a_process([] {
    auto eal = eal::Eal::start(small_board(), "test");
    if (!eal) return false;
    board::Port port;
    port.name = "lan";
    port.kind = board::Port::Kind::vdev;
    port.device = "net_af_packet0,iface=lo,framesz=1";
    const auto number = (*eal)->attach_port(port);
    return !number &&
           number.error().reason.starts_with("port lan (net_af_packet0,iface=lo,framesz=1) does not start") &&
           number.error().reason.find("DPDK says: ") != std::string::npos &&
           number.error().reason.find('\n') == std::string::npos;
  });
}

TEST(EalStart, pins_a_thread_that_is_no_packet_core) {
  in_a_process([] {
    return eal::pin_this_thread(0, "spool-writer").has_value() && this_thread_name() == "spool-writer" &&
           !eal::pin_this_thread(1000, "nowhere").has_value();
  });
}
