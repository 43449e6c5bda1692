// No system call and no malloc on a thread that has entered its core: whole handshakes and data, counted and
// with a filter that kills the process at the first system call. A program of its own, because it replaces
// malloc.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "platform/base/arena.hpp"
#include "tests/firmware/tls/conversation.hpp"

namespace {
bool counting = false;
unsigned long mallocs = 0;
}  // namespace

#ifndef POSTERN_SANITIZED_HEAP
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  mallocs += counting;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  mallocs += counting;
  return __libc_calloc(count, size);
}
void* realloc(void* ptr, std::size_t size) {
  mallocs += counting;
  return __libc_realloc(ptr, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  mallocs += counting;
  return __libc_memalign(alignment, size);
}
}
#endif

namespace {

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

// From here on only write and exit are allowed; anything else kills.
bool forbid_system_calls() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_write, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  sock_fprog program{std::size(rules), rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct Report {
  unsigned long mallocs;
  unsigned long handshakes;
  unsigned long fallbacks;
};

bool converse(Core& server, Core& client, const ServerDemand& demand) {
  Conversation talk;
  talk.client = client.connect(demand);
  talk.server = server.accept();
  if (!talk.handshake()) return false;
  const auto text = pattern_text(100000);
  return talk.carry(true, text) == text && talk.carry(false, text) == text;
}

[[noreturn]] void child(int out, const std::vector<Credential>& credentials, const std::string& anchors,
                        bool cheat) {
  Counters counters;
  auto server = make_core(credentials, counters);
  auto client = make_core({}, counters, {.trust_anchors_pem = anchors}, 1, 2);
  if (!server || !client) _exit(3);
  client->enter_thread();
  server->enter_thread();
  if (!forbid_system_calls()) _exit(4);
  counting = true;
  if (cheat) getppid();
  Report report{};
  for (const auto* name : {"ecdsa.test", "rsa.test"}) {
    for (const auto kind : {ServerDemand::Kind::unauthenticated, ServerDemand::Kind::web_pki}) {
      for (int i = 0; i < 3; ++i)
        report.handshakes += converse(*server, *client, {.kind = kind, .server_name = name});
    }
  }
  counting = false;
  report.mallocs = mallocs;
  report.fallbacks = arena_new_fallbacks();
  const bool told = write(out, &report, sizeof report) == sizeof report;
  _exit(told ? 0 : 5);
}

int run(const std::vector<Credential>& credentials, bool cheat, Report& report) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const auto pid = fork();
  if (pid == 0) child(ends[1], credentials, authority().pem(), cheat);
  close(ends[1]);
  const bool told = read(ends[0], &report, sizeof report) == sizeof report;
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  return told ? status : status | 0x100;
}

}  // namespace

int main() {
  if (kSanitizedHeap) {
    std::puts("skipped: sanitizer builds keep their own malloc");
    return 0;
  }
  const std::vector<Credential> credentials{authority().issue({"ecdsa.test"}, Key::p256),
                                            authority().issue({"rsa.test"}, Key::rsa)};
  Report report{};
  const int cheated = run(credentials, true, report);
  if (!WIFSIGNALED(cheated)) {
    std::printf("FAILED: the filter lets system calls through (status %x)\n", cheated);
    return 1;
  }
  report = {};
  const int status = run(credentials, false, report);
  std::printf("status %x: %lu handshakes with data, %lu mallocs, %lu fallbacks\n", status, report.handshakes,
              report.mallocs, report.fallbacks);
  return status == 0 && report.handshakes == 12 && report.mallocs == 0 && report.fallbacks == 0 ? 0 : 1;
}
