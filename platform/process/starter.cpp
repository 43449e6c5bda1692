// The process that starts others: see the header.
#include "platform/process/starter.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

namespace postern::process {

Result<std::pair<Descriptor, Descriptor>, Fault> packet_pair() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return fault(std::string("cannot make a socket pair: ") + std::strerror(errno));
  return std::pair{Descriptor(ends[0]), Descriptor(ends[1])};
}

void serve_orders(const char* name, const Descriptor& line, const std::function<void()>& reap,
                  const std::function<void()>& take_order) {
  ::prctl(PR_SET_NAME, name);
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &children, nullptr);
  const Descriptor signals(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  while (true) {
    std::array<pollfd, 2> watched{{{line.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), -1);
    signalfd_siginfo drained{};
    while (::read(signals.get(), &drained, sizeof drained) > 0) continue;
    reap();
    take_order();
  }
}

void become_fresh() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) ::signal(signal, SIG_DFL);
  ::setsid();
}

}  // namespace postern::process
