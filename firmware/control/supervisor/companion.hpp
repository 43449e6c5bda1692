// Keeps one small process of the control plane running: starts it, finds its line, starts it again with
// back-off when it ends, kills it when it says nothing any more, and ends it with control.
//
// Nothing here waits. The process listens on its socket, reports at least every second, and ends when the
// line closes. What is said over the line is its keeper's to know.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "firmware/control/supervisor/backoff.hpp"
#include "firmware/control/supervisor/launcher.hpp"
#include "firmware/ipc/message.hpp"
#include "platform/base/time.hpp"
#include "platform/process/seqpacket.hpp"

namespace postern::control {

struct CompanionEvents {
  std::function<void()> on_line;  // it listens: say what it needs
  // False: that was nonsense; the process is killed.
  std::function<bool(const ipc::MessageView&)> on_message;
  std::function<void()> on_gone;  // its line is gone, whatever the reason
  // Instead of on_message, where descriptors come along.
  std::function<bool(const ipc::MessageView&, process::Packet&)> on_packet = nullptr;
};

struct CompanionFacts {
  pid_t pid = 0;
  std::uint64_t starts = 0;
  std::string last_end;  // one line; empty: it never ended
  Instant next_start{};
  Instant reported{};
  bool on_line = false;
};

class Companion {
 public:
  // `name` is the program's, for log lines.
  Companion(Launcher launcher, std::string name, std::string socket_path, CompanionEvents events);
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  void turn(Instant now);
  // Ends the process; it is started again at once unless stop() was called.
  void restart();
  void stop();
  bool stopped() const { return stopping_ && facts_.pid == 0; }
  bool send(Bytes message, std::span<const int> descriptors = {});

  const CompanionFacts& facts() const { return facts_; }
  std::vector<int> descriptors() const;

 private:
  void take_launcher_events(Instant now);
  void on_ended(const std::string& how, Instant now);
  void receive(Instant now);
  void drop(std::string_view why);
  void kill(std::string_view why);

  Launcher launcher_;
  std::string name_;
  std::string path_;
  CompanionEvents events_;
  CompanionFacts facts_;
  Backoff backoff_;
  process::Descriptor socket_;
  Instant began_{};
  Instant next_connect_{};
  bool stopping_ = false;
  bool restarting_ = false;
  bool killed_ = false;
  bool ordered_ = false;  // the launcher was told to start it
};

}  // namespace postern::control
