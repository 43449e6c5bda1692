// Keeps one data plane running and up to date: see the header.
#include "firmware/control/supervisor/supervisor.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "platform/log/log.hpp"

namespace postern::control {

namespace {

constexpr Duration kConnectEvery = std::chrono::milliseconds(100);
// The data plane reports every second.
constexpr Duration kSilence = std::chrono::seconds(10);
// From the word to the signal, and from that to the one that cannot be ignored. Sessions get ten seconds.
constexpr Duration kGrace = std::chrono::seconds(20);
constexpr Duration kLastGrace = std::chrono::seconds(5);

void say(log::Level level, const std::string& text) {
  log::write(level, "control", text);
}

std::string seconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

std::string_view text(DataplaneState state) {
  static constexpr std::array<std::string_view, 6> kNames{"away", "starting", "attached",
                                                          "lost", "stopping", "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

Supervisor::Supervisor(Launcher launcher, std::string socket_path)
    : launcher_(std::move(launcher)), path_(std::move(socket_path)) {
  events_.on_hello = [this](const ipc::Hello& hello) { on_hello(hello, now_); };
  events_.on_report = [this](const ipc::Report& report) { on_report(report); };
  events_.on_refuse = [this](const ipc::Refuse& refuse) {
    facts_.refused = refuse.reason;
    say(log::Level::error, "the data plane does not take generation " + std::to_string(refuse.generation) +
                               ": " + refuse.reason);
  };
  events_.on_log = [](const ipc::LogLine& line) {
    log::write(static_cast<log::Level>(line.level), "dataplane", line.text);
  };
  events_.on_injected = [](const ipc::Injected&) {};
  events_.on_queue_answer = [](const ipc::QueueAnswer&) {};
  events_.on_report_mail = [](const ipc::ReportMail&, Bytes) {};
  events_.on_gone = [this](std::string_view why) { on_gone(why); };
}

void Supervisor::set(ipc::SettingValues values, ipc::Credentials credentials, Duration ticket_rotation) {
  ticket_rotation_ = ticket_rotation;
  Publication next;
  next.digest = digest_of(values, credentials);
  next.values = std::move(values);
  next.credentials = std::move(credentials);
  next.generation = facts_.generation;
  const bool same = publication_ && publication_->digest == next.digest && facts_.refused.empty();
  if (publication_) publication_->credentials.wipe();
  publication_ = std::move(next);
  if (same) return;
  publication_->generation = ++facts_.generation;
  publish();
}

void Supervisor::turn(Now now) {
  now_ = now;
  take_launcher_events(now);
  if (end_.connected()) end_.receive(events_);
  watch_stranger(now);
  if (facts_.state == DataplaneState::stopping) return see_to_the_end(now.instant);
  if (facts_.state == DataplaneState::stopped) return;
  if (!end_.connected()) try_connect(now.instant);
  start_if_due(now.instant);
  keep_tickets(now.instant);
  notice_silence(now.instant);
}

void Supervisor::take_launcher_events(Now now) {
  while (const auto event = launcher_.next()) {
    switch (event->kind) {
      case Launcher::Event::Kind::started:
        on_started(event->pid, now.instant);
        break;
      case Launcher::Event::Kind::failed:
        judge_start(1);
        on_ended(std::string("cannot be started: ") + std::strerror(event->status), now);
        break;
      case Launcher::Event::Kind::ended:
        if (WIFEXITED(event->status)) judge_start(WEXITSTATUS(event->status));
        on_ended(how_it_ended(event->status), now);
        break;
      case Launcher::Event::Kind::launcher_gone:
        facts_.broken = "the launcher is gone";
        return;
    }
  }
}

// A data plane that ends with a complaint before any ever worked will complain again: a person has to mend
// what it named. One that worked before is started again, however often it ends.
void Supervisor::judge_start(int exit_status) {
  if (!ran_ && exit_status != 0 && facts_.state != DataplaneState::stopping) facts_.hopeless = exit_status;
}

void Supervisor::on_started(pid_t pid, Instant now) {
  ours_ = true;
  began_ = now;
  facts_.pid = pid;
  ++facts_.starts;
  if (facts_.state != DataplaneState::stopping) facts_.state = DataplaneState::starting;
  say(log::Level::notice, "started postern-dataplane, process " + std::to_string(pid));
}

void Supervisor::on_ended(std::string how, Now now) {
  end_.close();
  stranger_.reset();
  ours_ = false;
  const bool expected = facts_.state == DataplaneState::stopping;
  facts_.last_end = "postern-dataplane " + std::move(how);
  facts_.last_end_wall_ns = static_cast<std::uint64_t>(now.wall.time_since_epoch().count());
  facts_.pid = 0;
  facts_.report = {};
  facts_.all_at_generation = false;
  if (expected && !restart_wanted_) {
    facts_.state = DataplaneState::stopped;
    say(log::Level::notice, facts_.last_end);
    return;
  }
  const Duration wait = restart_wanted_ ? Duration{0} : backoff_.ended(now.instant - began_);
  restart_wanted_ = false;
  stop_by_ = kNever;
  facts_.state = DataplaneState::away;
  facts_.next_start = now.instant + wait;
  if (facts_.hopeless != 0) return;
  say(expected ? log::Level::notice : log::Level::error,
      facts_.last_end + "; starting it again in " + seconds_text(wait));
}

void Supervisor::try_connect(Instant now) {
  if (now < next_connect_) return;
  next_connect_ = now + kConnectEvery;
  if (!end_.connect(path_)) return;
  if (ours_) return;
  // Somebody else's child: its end is seen through a descriptor of the process.
  facts_.pid = end_.pid();
  began_ = now;
  stranger_.reset(static_cast<int>(::syscall(SYS_pidfd_open, end_.pid(), 0)));
  say(log::Level::notice, "found postern-dataplane running, process " + std::to_string(end_.pid()));
}

void Supervisor::start_if_due(Instant now) {
  const bool running = ours_ || stranger_ || end_.connected();
  if (facts_.state != DataplaneState::away || running || now < facts_.next_start) return;
  facts_.state = DataplaneState::starting;
  began_ = now;
  ours_ = launcher_.start();
}

void Supervisor::watch_stranger(Now now) {
  if (!stranger_ || !process::wait_readable(stranger_.get(), 0)) return;
  on_ended("ended; it was started by an earlier control, so the reason is not known", now);
}

void Supervisor::on_hello(const ipc::Hello& hello, Now now) {
  if (facts_.state != DataplaneState::stopping) facts_.state = DataplaneState::attached;
  ++facts_.hellos;
  facts_.reported = now.instant;
  silent_ = false;
  if (hello.tickets_wall_ns != 0 && tickets_.keys().keys.empty()) {
    const auto age =
        now.wall.time_since_epoch() - Duration{static_cast<Duration::rep>(hello.tickets_wall_ns)};
    tickets_.adopt(now.instant - std::max(age, Duration{0}));
  } else {
    if (tickets_.keys().keys.empty()) tickets_.rotate(now.instant);
    end_.send(tickets_.keys());
  }
  if (!publication_) return;
  facts_.generation = std::max(facts_.generation, hello.generation);
  if (hello.generation != 0 && hello.digest == publication_->digest) {
    publication_->generation = hello.generation;
    say(log::Level::notice,
        "the data plane has these settings already (generation " + std::to_string(hello.generation) + ")");
    return;
  }
  if (publication_->generation <= hello.generation) publication_->generation = ++facts_.generation;
  publish();
}

void Supervisor::on_report(const ipc::Report& report) {
  facts_.report = report;
  facts_.reported = now_.instant;
  ran_ = ran_ || report.phase == ipc::Phase::running;
  if (silent_) say(log::Level::notice, "the data plane reports again");
  silent_ = false;
  const bool all =
      publication_ && report.generation == publication_->generation && report.shards_at == report.shards;
  if (all && !facts_.all_at_generation) {
    say(log::Level::notice, "all " + std::to_string(report.shards) +
                                (report.shards == 1 ? " core at generation " : " cores at generation ") +
                                std::to_string(report.generation));
  }
  facts_.all_at_generation = all;
}

void Supervisor::on_gone(std::string_view why) {
  if (facts_.state == DataplaneState::stopping) return;
  facts_.state = ours_ || stranger_ ? DataplaneState::lost : DataplaneState::away;
  facts_.all_at_generation = false;
  say(log::Level::warning, "the line to the data plane is gone: " + std::string(why));
}

void Supervisor::publish() {
  facts_.refused.clear();
  facts_.all_at_generation = false;
  if (!end_.greeted()) return;
  if (const auto sent = end_.publish(*publication_); !sent) {
    facts_.refused = sent.error().reason;
    say(log::Level::error,
        "cannot publish generation " + std::to_string(publication_->generation) + ": " + facts_.refused);
    return;
  }
  say(log::Level::notice, "published generation " + std::to_string(publication_->generation));
}

void Supervisor::keep_tickets(Instant now) {
  if (!end_.greeted() || !tickets_.due(now, ticket_rotation_)) return;
  tickets_.rotate(now);
  end_.send(tickets_.keys());
}

void Supervisor::notice_silence(Instant now) {
  if (silent_ || !end_.greeted() || now - facts_.reported < kSilence) return;
  silent_ = true;
  say(log::Level::warning, "the data plane has not reported for " + seconds_text(now - facts_.reported));
}

void Supervisor::stop(Instant now) {
  if (facts_.state == DataplaneState::stopping || facts_.state == DataplaneState::stopped) return;
  if (!ours_ && !stranger_ && !end_.connected()) {
    facts_.state = DataplaneState::stopped;
    return;
  }
  facts_.state = DataplaneState::stopping;
  stop_steps_ = 0;
  // Without a line the word cannot be said: then the signal comes at once.
  stop_by_ = end_.send(ipc::Verb::shut_down) ? now + kGrace : now;
}

bool Supervisor::restart(Instant now) {
  if (facts_.state != DataplaneState::attached && facts_.state != DataplaneState::lost) return false;
  restart_wanted_ = true;
  stop(now);
  return true;
}

void Supervisor::see_to_the_end(Instant now) {
  if (!ours_ && !stranger_ && !end_.connected()) return on_ended("ended", now_);
  if (now < stop_by_) return;
  stop_by_ = now + kLastGrace;
  const bool hard = stop_steps_++ > 0;
  if (hard) say(log::Level::warning, "the data plane does not end: killing it");
  if (ours_) {
    hard ? launcher_.kill() : launcher_.terminate();
  } else if (stranger_) {
    ::syscall(SYS_pidfd_send_signal, stranger_.get(), hard ? SIGKILL : SIGTERM, nullptr, 0);
  }
}

std::vector<int> Supervisor::descriptors() const {
  std::vector<int> all{launcher_.descriptor()};
  if (end_.connected()) all.push_back(end_.descriptor());
  if (stranger_) all.push_back(stranger_.get());
  return all;
}

}  // namespace postern::control
