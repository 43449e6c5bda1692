// What a confined process cannot do, tried from inside.
#include "platform/process/powers.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <string>
#include <thread>

#include "tests/platform/process/child.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using process_test::in_child;

namespace {

process::Powers bare() {
  process::Powers powers;
  powers.process = "test";
  return powers;
}

bool confined(const process::Powers& powers) {
  return process::confine(powers).has_value();
}

std::string status_line(const std::string& file, const std::string& key) {
  std::ifstream status(file);
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return line.substr(line.find_last_of('\t') + 1);
  }
  return "";
}

}  // namespace

TEST_GROUP(Powers){};

TEST(Powers, the_same_calls_work_in_an_unconfined_child) {
  CHECK(in_child([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }));
  CHECK(in_child([] { return ::open("/etc/passwd", O_RDONLY) >= 0; }));
  CHECK(!in_child([] { return ::execl("/bin/false", "false", nullptr), true; }));
}

TEST(Powers, no_program_can_be_started) {
  CHECK(in_child([] {
    if (!confined(bare())) return false;
    return ::execl("/bin/true", "true", nullptr) == -1 && errno == EPERM;
  }));
}

TEST(Powers, no_socket_can_be_made_but_of_the_families_named) {
  CHECK(in_child([] {
    auto powers = bare();
    powers.socket_families = {AF_UNIX};
    if (!confined(powers)) return false;
    const bool refused = ::socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM;
    const bool refused6 = ::socket(AF_INET6, SOCK_DGRAM, 0) == -1 && errno == EPERM;
    return refused && refused6 && ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
  }));
}

TEST(Powers, no_file_can_be_opened_unless_named) {
  CHECK(in_child([] { return confined(bare()) && ::open("/etc/passwd", O_RDONLY) == -1 && errno == EPERM; }));
  CHECK(in_child([] {
    auto powers = bare();
    powers.calls = {"openat"};
    return confined(powers) && ::open("/etc/passwd", O_RDONLY) >= 0;
  }));
}

TEST(Powers, no_child_no_tracing_no_module_no_mount) {
  CHECK(in_child([] {
    if (!confined(bare())) return false;
    const auto refused = [](long number) { return ::syscall(number, 0, 0, 0, 0, 0) == -1 && errno == EPERM; };
    return refused(SYS_fork) && refused(SYS_ptrace) && refused(SYS_init_module) && refused(SYS_mount) &&
           refused(SYS_bpf) && refused(SYS_io_uring_setup) && refused(SYS_setuid) && refused(SYS_kill);
  }));
}

TEST(Powers, memory_cannot_become_executable) {
  CHECK(in_child([] {
    if (!confined(bare())) return false;
    void* code =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code != MAP_FAILED) return false;
    void* data = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return data != MAP_FAILED && ::mprotect(data, 4096, PROT_READ | PROT_EXEC) == -1;
  }));
}

TEST(Powers, threads_start_only_where_allowed_and_processes_never) {
  CHECK(in_child([] {
    auto powers = bare();
    powers.new_threads = true;
    if (!confined(powers)) return false;
    bool ran = false;
    std::thread([&] { ran = true; }).join();
    return ran && ::fork() == -1;
  }));
}

TEST(Powers, a_thread_that_ran_before_is_held_too) {
  CHECK(in_child([] {
    std::atomic<int> stage{0};
    std::atomic<bool> refused{false};
    std::thread other([&] {
      while (stage.load() == 0) std::this_thread::yield();
      refused = ::socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM;
    });
    const bool done = confined(bare());
    stage = 1;
    other.join();
    return done && refused.load();
  }));
}

TEST(Powers, no_thread_keeps_a_capability) {
  CHECK(in_child([] {
    std::atomic<bool> end{false};
    std::atomic<int> tid{0};
    std::thread other([&] {
      tid = ::gettid();
      while (!end.load()) std::this_thread::yield();
    });
    while (tid.load() == 0) std::this_thread::yield();
    const bool done = process::drop_capabilities({}).has_value();
    const std::string none = "0000000000000000";
    const bool gone =
        status_line("/proc/self/status", "CapEff") == none &&
        status_line("/proc/self/status", "CapBnd") == none &&
        status_line("/proc/self/task/" + std::to_string(tid.load()) + "/status", "CapEff") == none;
    end = true;
    other.join();
    return done && gone;
  }));
}

TEST(Powers, a_name_that_is_no_system_call_is_a_fault) {
  auto powers = bare();
  powers.calls = {"frobnicate"};
  CHECK(in_child([&] {
    const auto done = process::confine(powers);
    return !done && done.error().reason.find("frobnicate") != std::string::npos;
  }));
}

TEST(Powers, no_new_privileges_and_no_core_dump) {
  CHECK(in_child([] {
    auto powers = bare();
    powers.calls = {"prctl"};
    return confined(powers) && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
           ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  }));
}
