// Giving up capabilities, in every thread: capabilities(7).
//
// The kernel keeps them per thread and lets each change only its own, so each thread is asked by a signal.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>

#include "platform/process/powers.hpp"

namespace postern::process {

namespace {

std::atomic<std::uint64_t> kept_bits{0};
std::atomic<int> answers{0};
std::atomic<int> failures{0};

// Safe in a signal handler: one system call on the stack's memory.
bool keep_only(std::uint64_t bits) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const auto half = static_cast<std::uint32_t>(bits >> (32 * i));
    sets[i] = {half, half, 0};
  }
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

void on_signal(int) {
  const int before = errno;
  if (!keep_only(kept_bits.load())) failures.fetch_add(1);
  answers.fetch_add(1);
  errno = before;
}

// Every other thread of this process; how many there were.
int ask_others(int signal) {
  int asked = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const auto thread = static_cast<pid_t>(std::stol(entry.path().filename().string()));
    if (thread == ::gettid()) continue;
    if (::syscall(SYS_tgkill, ::getpid(), thread, signal) == 0) ++asked;
  }
  return asked;
}

bool wait_for(int count) {
  for (int i = 0; i < 2000 && answers.load() < count; ++i) {
    const timespec millisecond{0, 1'000'000};
    ::nanosleep(&millisecond, nullptr);
  }
  return answers.load() >= count;
}

// What the process could get back by executing a program.
void drop_bounding_set(std::uint64_t bits) {
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if ((bits >> capability & 1) == 0) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

// What of `wanted` this process holds; none may be gained.
std::uint64_t held(std::uint64_t wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return 0;
  return wanted & (sets[0].permitted | std::uint64_t{sets[1].permitted} << 32);
}

}  // namespace

Result<void, Fault> drop_capabilities(std::span<const int> kept) {
  std::uint64_t bits = 0;
  for (const int capability : kept) bits |= std::uint64_t{1} << capability;
  bits = held(bits);
  drop_bounding_set(bits);
  kept_bits = bits;
  answers = 0;
  failures = 0;
  const int signal = SIGRTMAX - 1;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, &before);
  const int asked = ask_others(signal);
  const bool answered = wait_for(asked);
  ::sigaction(signal, &before, nullptr);
  if (!keep_only(bits) || failures.load() != 0) {
    return fault("cannot give up capabilities: " + std::string(std::strerror(errno)));
  }
  if (!answered) return fault("some threads did not give up their capabilities in time");
  return {};
}

}  // namespace postern::process
