// Keeps one data plane running and up to date: starts it, finds one that runs already, starts it again when
// it ends, publishes settings and ticket keys, and stops it in order.
//
// All of it happens in turn(), which never waits. A data plane that runs is not disturbed by a new control:
// where it has the same settings already, it hears nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "firmware/control/supervisor/backoff.hpp"
#include "firmware/control/supervisor/dataplane_end.hpp"
#include "firmware/control/supervisor/launcher.hpp"
#include "firmware/control/supervisor/ticket_keys.hpp"
#include "platform/base/time.hpp"

namespace postern::control {

enum class DataplaneState : std::uint8_t {
  away,      // not running; will be started
  starting,  // started, has not said hello
  attached,  // on the line
  lost,      // runs, but its line is gone
  stopping,  // told to end
  stopped,
};
std::string_view text(DataplaneState state);

struct SupervisorFacts {
  DataplaneState state = DataplaneState::away;
  pid_t pid = 0;
  std::uint64_t starts = 0;  // by this control
  std::string last_end;      // one line; empty: it never ended
  std::uint64_t last_end_wall_ns = 0;
  Instant next_start{};  // while away
  ipc::Report report;    // the latest
  Instant reported{};
  std::uint64_t generation = 0;  // published last
  std::string refused;           // why that generation was not taken; empty: it was, or is being
  bool all_at_generation = false;
  std::uint64_t hellos = 0;  // how often a data plane came to the line
  int hopeless =
      0;  // exit status of a data plane that said it cannot start, before one ever ran; 0: none did
  std::string broken;  // control cannot go on and has to be started anew; the data plane is not touched
};

class Supervisor {
 public:
  Supervisor(Launcher launcher, std::string socket_path);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // New settings; published at once where a data plane is there, else when it comes.
  void set(ipc::SettingValues values, ipc::Credentials credentials, Duration ticket_rotation);
  void turn(Now now);
  // Tells the data plane to end, and makes sure it does.
  void stop(Instant now);
  bool stopped() const { return facts_.state == DataplaneState::stopped; }
  // Ends the data plane in order and starts it again.
  bool restart(Instant now);
  bool hurry() { return end_.send(ipc::Verb::hurry); }
  // Who hears what the shards say of the queue.
  void on_queue_answer(std::function<void(const ipc::QueueAnswer&)> hear) {
    events_.on_queue_answer = std::move(hear);
  }
  // Who hears what became of injected mail.
  void on_injected(std::function<void(const ipc::Injected&)> hear) { events_.on_injected = std::move(hear); }

  // Who takes TLS reports that came by mail.
  void on_report_mail(std::function<void(const ipc::ReportMail&, Bytes)> hear) {
    events_.on_report_mail = std::move(hear);
  }

  // The number under which the data plane has, or will have, what was set last; 0: nothing was set.
  std::uint64_t published() const { return publication_ ? publication_->generation : 0; }
  const SupervisorFacts& facts() const { return facts_; }
  DataplaneEnd& end() { return end_; }
  std::vector<int> descriptors() const;

 private:
  void take_launcher_events(Now now);
  void on_started(pid_t pid, Instant now);
  void on_ended(std::string how, Now now);
  void judge_start(int exit_status);
  void try_connect(Instant now);
  void start_if_due(Instant now);
  void watch_stranger(Now now);
  void on_hello(const ipc::Hello& hello, Now now);
  void on_report(const ipc::Report& report);
  void on_gone(std::string_view why);
  void publish();
  void keep_tickets(Instant now);
  void see_to_the_end(Instant now);
  void notice_silence(Instant now);

  Launcher launcher_;
  std::string path_;
  DataplaneEnd end_;
  DataplaneEvents events_;
  SupervisorFacts facts_;
  Backoff backoff_;
  std::optional<Publication> publication_;
  TicketKeys tickets_;
  Duration ticket_rotation_ = std::chrono::hours(6);
  Now now_{};                     // of this turn, for the events
  bool ours_ = false;             // the launcher started it
  process::Descriptor stranger_;  // pidfd of one that somebody else started
  Instant began_{};
  Instant next_connect_{};
  Instant stop_by_{kNever};
  int stop_steps_ = 0;
  bool restart_wanted_ = false;
  bool silent_ = false;
  bool ran_ = false;  // a data plane reached its work under this control
};

}  // namespace postern::control
