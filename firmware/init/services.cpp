#include "firmware/init/services.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "firmware/init/system.hpp"

namespace postern::init {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds kFirstPause{500}, kLongestPause{30'000}, kWell{60'000};
constexpr std::size_t kLongestLine = 900;

void become(const Service& service, int output) {
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int input = ::open("/dev/null", O_RDWR);
  if (!service.terminal.empty()) {
    input = output = ::open(service.terminal.c_str(), O_RDWR);
    ::ioctl(input, TIOCSCTTY, 1);
  }
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::close_range(3, ~0U, 0);
  std::vector<char*> words;
  for (const auto& word : service.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::unsetenv("POSTERN_WATCHDOG");
  ::execv(words[0], words.data());
  ::_exit(127);
}

}  // namespace

void Services::add(Service service) {
  Kept kept;
  kept.service = std::move(service);
  kept_.push_back(std::move(kept));
}

void Services::start(Kept& kept) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
  const int child = ::fork();
  if (child == 0) become(kept.service, ends[1]);
  ::close(ends[1]);
  if (kept.output >= 0) ::close(kept.output);
  kept.output = ends[0];
  kept.since = Clock::now();
  if (child < 0) return ended(kept, -1);
  kept.pid = child;
  ++kept.starts;
}

void Services::ended(Kept& kept, int status) {
  kept.pid = 0;
  if (stopping_) return;
  const bool well = Clock::now() - kept.since > kWell;
  kept.pause = well || kept.pause.count() == 0 ? kFirstPause : std::min(kept.pause * 2, kLongestPause);
  kept.due = Clock::now() + kept.pause;
  const auto how = WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                       : "ended with status " + std::to_string(WEXITSTATUS(status));
  say(kept.service.name + " " + how + "; again in " + std::to_string(kept.pause.count()) + " ms");
}

void Services::reap() {
  int status = 0;
  for (int pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
    for (auto& kept : kept_) {
      if (kept.pid == pid) ended(kept, status);
    }
  }
}

void Services::pass_on(Kept& kept) {
  char buffer[4096];
  for (int rounds = 0; rounds < 16; ++rounds) {
    const auto got = ::read(kept.output, buffer, sizeof buffer);
    if (got <= 0) return;
    for (ssize_t i = 0; i < got; ++i) {
      if (buffer[i] != '\n' && kept.line.size() < kLongestLine) {
        kept.line += buffer[i];
        continue;
      }
      say("[" + kept.service.name + "] " + kept.line);
      kept.line.clear();
    }
  }
}

void Services::turn(milliseconds most) {
  reap();
  for (auto& kept : kept_) {
    if (kept.pid == 0 && !stopping_ && Clock::now() >= kept.due) start(kept);
  }
  std::vector<pollfd> watched;
  for (const auto& kept : kept_) watched.push_back({kept.output, POLLIN, 0});
  if (::poll(watched.data(), watched.size(), static_cast<int>(most.count())) > 0) {
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      pass_on(kept_[i]);
      // An end without words: nobody will write there again.
      if ((watched[i].revents & POLLHUP) != 0 && (watched[i].revents & POLLIN) == 0) {
        ::close(kept_[i].output);
        kept_[i].output = -1;
      }
    }
  }
}

void Services::stop(std::chrono::seconds patience) {
  stopping_ = true;
  for (const auto& kept : kept_) {
    if (kept.pid != 0) ::kill(kept.pid, SIGTERM);
  }
  const auto end = Clock::now() + patience;
  const auto any = [&] {
    return std::any_of(kept_.begin(), kept_.end(), [](const auto& k) { return k.pid != 0; });
  };
  while (any() && Clock::now() < end) turn(milliseconds(100));
  for (const auto& kept : kept_) {
    if (kept.pid != 0) ::kill(kept.pid, SIGKILL);
  }
}

bool Services::running(const std::string& name) const {
  return std::any_of(kept_.begin(), kept_.end(),
                     [&](const auto& k) { return k.service.name == name && k.pid != 0; });
}

unsigned Services::starts(const std::string& name) const {
  for (const auto& kept : kept_) {
    if (kept.service.name == name) return kept.starts;
  }
  return 0;
}

}  // namespace postern::init
