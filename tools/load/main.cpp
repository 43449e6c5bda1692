// postern-load: SMTP load over kernel sockets, for the bench and the end-to-end tests.
//
// One thread, one epoll set, as many sessions as asked for. A session that ends is replaced until the total
// or the time is reached; what was counted is printed as one line of JSON.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <csignal>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tools/load/options.hpp"
#include "tools/load/report.hpp"
#include "tools/load/session.hpp"

namespace postern::load {

namespace {

volatile std::sig_atomic_t stopped = 0;

// A message of `size` bytes in lines of 76, no line starting with a dot, then the end of DATA.
std::string make_body(std::uint64_t size) {
  std::string body = "From: <load@sender.example>\r\nTo: <load@example.org>\r\nSubject: load\r\n\r\n";
  while (body.size() < size) {
    const std::size_t room = std::min<std::size_t>(76, size - body.size());
    for (std::size_t i = 0; i < room; ++i) body += static_cast<char>('a' + (body.size() * 7 + i) % 26);
    body += "\r\n";
  }
  return body + ".\r\n";
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options), shared_{options, report_} {
    if (options.tls != Tls::none) shared_.context = make_context(options);
    shared_.body = make_body(options.size);
    if (!options.record.empty()) report_.record.open(options.record, std::ios::app);
    poll_ = epoll_create1(EPOLL_CLOEXEC);
  }

  int operator()() {
    const auto end =
        report_.began + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(options_.seconds == 0 ? 1e6 : options_.seconds));
    while (stopped == 0 && Clock::now() < end) {
      open_sessions();
      if (sessions_.empty() && !worth_more()) break;
      wait();
    }
    for (const auto& [descriptor, session] : sessions_) {
      if (session->state() == Session::State::idle) ++report_.idle_open;
      if (session->state() == Session::State::body) ++report_.uncertain;
    }
    report_.ended = Clock::now();
    report_.print(options_);
    return report_.errors.empty() ? 0 : 1;
  }

 private:
  bool worth_more() const {
    if (options_.mode == Mode::idle) return opened_ < options_.connections;
    return shared_.more();
  }

  // New sessions up to the number asked for; a burst of broken ones is slowed down.
  void open_sessions() {
    for (int burst = 0; burst < 64 && sessions_.size() < options_.connections && worth_more(); ++burst) {
      if (Clock::now() < not_before_) return;
      if (options_.mode == Mode::handshake) ++shared_.begun;
      auto session = std::make_unique<Session>(shared_);
      const auto& sources = options_.sources;
      const bool fine = session->open(sources.empty() ? "" : sources[opened_++ % sources.size()]);
      if (sources.empty()) ++opened_;
      if (!fine) return slow_down();
      epoll_event event{EPOLLOUT, {.fd = session->descriptor()}};
      epoll_ctl(poll_, EPOLL_CTL_ADD, session->descriptor(), &event);
      sessions_.emplace(session->descriptor(), std::move(session));
    }
  }

  void slow_down() {
    not_before_ = Clock::now() + std::chrono::milliseconds(50);
    if (!options_.persist && options_.mode != Mode::idle && report_.errors.size() > 0 && ++failures_ > 1000)
      stopped = 1;
  }

  void wait() {
    epoll_event events[256];
    const int count = epoll_wait(poll_, events, 256, 20);
    for (int i = 0; i < count; ++i) {
      const auto found = sessions_.find(events[i].data.fd);
      if (found == sessions_.end()) continue;
      Session& session = *found->second;
      if (!session.step()) {
        if (session.broken()) slow_down();
        sessions_.erase(found);
        continue;
      }
      epoll_event event{EPOLLIN | (session.wants_write() ? EPOLLOUT : 0u), {.fd = events[i].data.fd}};
      epoll_ctl(poll_, EPOLL_CTL_MOD, events[i].data.fd, &event);
    }
  }

  const Options& options_;
  Report report_;
  Shared shared_;
  int poll_ = -1;
  std::uint64_t opened_ = 0;
  std::uint64_t failures_ = 0;
  Clock::time_point not_before_{};
  std::unordered_map<int, std::unique_ptr<Session>> sessions_;
};

}  // namespace

}  // namespace postern::load

int main(int count, char** words) {
  const auto options = postern::load::read_options(count, words);
  std::signal(SIGINT, [](int) { postern::load::stopped = 1; });
  std::signal(SIGTERM, [](int) { postern::load::stopped = 1; });
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit many{1u << 20, 1u << 20};
  setrlimit(RLIMIT_NOFILE, &many);
  wolfSSL_Init();
  return postern::load::Run(options)();
}
