// While a packet core works it makes no system call, takes no lock and asks malloc for nothing: counted here
// over whole sessions, connection to delivery, with TLS on both the first and the later messages.
//
// System calls are caught by syscall user dispatch (a selector byte decides, so switching costs no call
// itself); malloc and the mutexes are this program's own functions, which count and pass on.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <csignal>
#include <cstdio>

#include "firmware/spool/spool.hpp"
#include "platform/base/arena.hpp"
#include "tests/firmware/shard/credentials.hpp"
#include "tests/firmware/shard/world.hpp"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF 0
#define PR_SYS_DISPATCH_ON 1
#endif

namespace {

volatile char selector = 0;  // 0: calls pass, 1: calls are caught
bool watching = false;
long system_calls = 0;
long first_call = -1;
long mallocs = 0;
long locks = 0;

void watch(bool on) {
  watching = on;
  selector = on ? 1 : 0;
}

void on_sigsys(int, siginfo_t* info, void*) {
  selector = 0;
  watching = false;
  if (system_calls++ == 0) first_call = info->si_syscall;
}

}  // namespace

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* ptr, std::size_t size);

void* malloc(std::size_t size) {
  mallocs += watching ? 1 : 0;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  mallocs += watching ? 1 : 0;
  return __libc_calloc(count, size);
}
void* realloc(void* ptr, std::size_t size) {
  mallocs += watching ? 1 : 0;
  return __libc_realloc(ptr, size);
}
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  locks += watching ? 1 : 0;
  return real(mutex);
}
}

using namespace postern;
using test::World;

namespace {

int failures = 0;

void check(bool good, const char* what) {
  if (good) return;
  ++failures;
  std::fprintf(stderr, "FAILED: %s\n", what);
}

void catch_system_calls() {
  struct sigaction action {};
  action.sa_sigaction = on_sigsys;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, nullptr);
  check(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) == 0,
        "system calls can be caught");
}

void reset() {
  system_calls = mallocs = locks = 0;
}

// The counters count at all: without this the claims below could not fail.
void counters_count() {
  reset();
  watch(true);
  syscall(SYS_getppid);
  watch(true);
  void* volatile block = malloc(10);
  watch(false);
  free(block);
  check(system_calls == 1, "a system call is counted");
  check(mallocs == 1, "a malloc is counted");
}

void deliver(World& world, int messages, bool under_tls) {
  for (int i = 0; i < messages; ++i) {
    const auto before = world.office.mails.size();
    const auto talker = under_tls ? world.connect_tls() : world.connect();
    std::string body = "Subject: x\r\n\r\n";
    for (int line = 0; line < 50; ++line) body += std::string(70, 'x') + "\r\n";
    talker->say("EHLO x.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n" + body +
                ".\r\nQUIT\r\n");
    check(world.run_until([&] { return talker->ended && world.office.mails.size() > before; }),
          "the message arrives");
    world.talkers.clear();
  }
}

void claim(const char* name, bool under_tls) {
  World world(World::default_settings(), test::birth_with_certificate());
  world.shard->enter_thread();
  deliver(world, 1, under_tls);
  reset();
  world.watch = watch;
  deliver(world, 5, under_tls);
  world.watch = nullptr;
  std::printf("%s: %ld system calls, %ld mallocs, %ld locks in five sessions\n", name, system_calls, mallocs,
              locks);
  if (system_calls > 0) std::fprintf(stderr, "the first system call was number %ld\n", first_call);
  check(system_calls == 0, "no system call");
  check(mallocs == 0, "no malloc");
  check(locks == 0, "no lock");
}

// Were it otherwise, a queue long enough would leave no memory for the sessions it has to leave by.
void a_long_queue_takes_nothing_of_the_sessions_memory() {
  const auto arena = std::move(*Arena::create({.bytes = 64u << 20}));
  Arena::enter_thread(arena.get());
  {
    spool::Counters counters;
    spool::Spool spool({.chunk_memory = 8u << 20, .messages = 5000}, counters);
    spool.recovered({});
    mail::Envelope envelope;
    envelope.recipients.push_back(
        {{"a-name-that-is-not-short", "a-domain-that-is-not-short.example"}, 0, ""});
    const auto before = arena->used();
    for (int i = 0; i < 3000; ++i) check(spool.begin(envelope, {}).has_value(), "the queue takes it");
    check(arena->used() < before + 64 * 1024, "the queue has memory of its own");
  }
  Arena::enter_thread(nullptr);
}

}  // namespace

int main() {
  catch_system_calls();
  counters_count();
  a_long_queue_takes_nothing_of_the_sessions_memory();
  claim("in clear", false);
  claim("under TLS", true);
  return failures == 0 ? 0 : 1;
}
