// The lock behind a process's powers: see the header. seccomp(2), capabilities(7), prctl(2).
#include "platform/process/powers.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace postern::process {

namespace {

constexpr auto kCommon = std::to_array<std::string_view>({
    // memory (mmap and mprotect have rules of their own)
    "brk",
    "madvise",
    "mlock",
    "mremap",
    "munlock",
    "munmap",
    // time and waiting
    "clock_gettime",
    "clock_nanosleep",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_wait",
    "futex",
    "gettimeofday",
    "nanosleep",
    "pause",
    "poll",
    "ppoll",
    "restart_syscall",
    "sched_getaffinity",
    "sched_yield",
    "select",
    "pselect6",
    "timerfd_settime",
    "timerfd_gettime",
    // descriptors that are open already; a pipe leads nowhere else (sanitizers look at memory through one)
    "close",
    "dup",
    "fcntl",
    "fstat",
    "lseek",
    "newfstatat",
    "pipe",
    "pipe2",
    "read",
    "readv",
    "write",
    "writev",
    // itself
    "exit",
    "exit_group",
    "getcpu",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getppid",
    "getrandom",
    "getrusage",
    "gettid",
    "getuid",
    "prlimit64",
    "rseq",
    "set_robust_list",
    "uname",
    // signals
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "sigaltstack",
    "tgkill",
});

constexpr auto kNobody = std::to_array<const char*>({
    "ptrace",          "process_vm_readv", "process_vm_writev",
    "mount",           "umount2",          "pivot_root",
    "move_mount",      "open_tree",        "fsopen",
    "swapon",          "swapoff",          "init_module",
    "finit_module",    "delete_module",    "kexec_load",
    "kexec_file_load", "reboot",           "acct",
    "settimeofday",    "clock_settime",    "adjtimex",
    "sethostname",     "setdomainname",    "keyctl",
    "add_key",         "request_key",      "userfaultfd",
    "perf_event_open", "quotactl",         "open_by_handle_at",
    "setns",
});

using Filter = std::unique_ptr<void, decltype(&::seccomp_release)>;

class Builder {
 public:
  explicit Builder(const Powers& powers)
      : powers_(powers), filter_(::seccomp_init(SCMP_ACT_ERRNO(EPERM)), ::seccomp_release) {}

  Result<void, Fault> load(std::span<const std::string_view> extra) {
    if (!filter_) return fault("cannot make a system call filter");
    for (const auto& list : {std::span(kCommon.begin(), kCommon.end()),
                             std::span<const std::string_view>(powers_.calls), extra}) {
      for (const auto name : list) allow(name);
    }
    allow_memory();
    allow_sockets();
    if (powers_.new_threads) allow_threads();
    if (!wrong_.empty())
      return fault("the powers of " + std::string(powers_.process) +
                   " name what is no system call:" + wrong_);
    // Threads that exist already are held too.
    check(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1), "TSYNC");
    if (const int status = ::seccomp_load(filter_.get()); status != 0) {
      return fault("cannot confine " + std::string(powers_.process) + ": " + std::strerror(-status));
    }
    return {};
  }

 private:
  void check(int status, std::string_view what) {
    if (status != 0 && status != -EEXIST) wrong_ += " " + std::string(what);
  }

  void allow(std::string_view name) {
    const std::string text(name);
    const int number = ::seccomp_syscall_resolve_name(text.c_str());
    check(number == __NR_SCMP_ERROR ? -1 : ::seccomp_rule_add(filter_.get(), SCMP_ACT_ALLOW, number, 0),
          name);
  }

  void allow_if(const char* name, scmp_arg_cmp condition) {
    check(
        ::seccomp_rule_add(filter_.get(), SCMP_ACT_ALLOW, ::seccomp_syscall_resolve_name(name), 1, condition),
        name);
  }

  void allow_memory() {
    const auto not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    allow_if("mmap", not_executable);
    allow_if("mprotect", not_executable);
  }

  void allow_sockets() {
    for (const int family : powers_.socket_families) {
      const auto same = SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family));
      allow_if("socket", same);
      allow_if("socketpair", same);
    }
  }

  void allow_threads() {
    const auto thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    allow_if("clone", thread);
    // Its flags lie in memory, where a filter cannot look: the C library falls back to clone.
    check(::seccomp_rule_add(filter_.get(), SCMP_ACT_ERRNO(ENOSYS), ::seccomp_syscall_resolve_name("clone3"),
                             0),
          "clone3");
  }

  const Powers& powers_;
  Filter filter_;
  std::string wrong_;
};

}  // namespace

std::span<const std::string_view> common_calls() {
  return kCommon;
}

Result<void, Fault> forbid_what_nobody_needs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fault("cannot give up privileges: " + std::string(std::strerror(errno)));
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW), ::seccomp_release);
  if (!filter) return fault("cannot make a system call filter");
  for (const auto* name : kNobody) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0) != 0)
      return fault("no system call: " + std::string(name));
  }
  if (const int status = ::seccomp_load(filter.get()); status != 0)
    return fault("cannot confine the launcher: " + std::string(std::strerror(-status)));
  return {};
}

Result<void, Fault> confine(const Powers& powers, std::span<const std::string_view> extra) {
  if (auto dropped = drop_capabilities(powers.capabilities); !dropped) return dropped;
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fault("cannot give up privileges: " + std::string(std::strerror(errno)));
  }
  return Builder(powers).load(extra);
}

}  // namespace postern::process
