// The figures of the dashboard, out of control's counters and status, once a second; what is live goes to who
// listens.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "firmware/control/admin/door/door.hpp"
#include "firmware/control/admin/figures/series.hpp"

namespace postern::admin {

// Two looks at the counters become figures; pure.
Json figures_of(const Json& before, const Json& now, const Json& status);

struct SeenOutcome {
  std::uint64_t number = 0;
  Json outcome;
};

class Figures {
 public:
  // `publish`: kind and text of an event; called on the thread of the figures.
  using Publish = std::function<void(const std::string& kind, const Json& event)>;

  Figures(Door& door, Publish publish) : door_(door), publish_(std::move(publish)) {}
  ~Figures();
  Figures(const Figures&) = delete;
  Figures& operator=(const Figures&) = delete;

  void start();
  // One look; what start()'s thread does each second.
  void look(std::int64_t wall_seconds);

  Json now() const;
  Json status() const;
  Json counters() const;
  Json history(const std::string& span, const std::string& wanted, std::int64_t wall_seconds) const;
  // Fates of messages, the newest first; as far back as we remember.
  std::vector<Json> outcomes() const;
  Json log_lines(std::uint64_t after, std::size_t most, const std::string& level,
                 const std::string& text) const;

 private:
  void run();
  Json ask(const char* command);
  void take_counters(std::int64_t wall_seconds);
  void take_outcomes();
  void take_log();
  void take_state();
  void count_outcome(const Json& outcome, std::int64_t day);

  Door& door_;
  Publish publish_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
  Json counters_ = Json::object();
  std::uint64_t counters_ns_ = 0;
  Json status_ = Json::object();
  Json state_;
  Json now_ = Json::object();
  Series series_;
  std::uint64_t last_outcome_ = 0;
  std::deque<Json> outcomes_;
  std::uint64_t last_log_ = 0;
  std::deque<Json> log_;
  bool log_is_there_ = true;
  std::int64_t day_ = 0;
  std::map<std::string, std::uint64_t> today_;
  std::map<std::string, std::uint64_t> tls_;
  std::map<std::string, std::uint64_t> deferring_;
  std::uint64_t looks_ = 0;
};

// What a level is worth; less is graver.
int level_of(const std::string& name);
// "dane", "mta_sts", "opportunistic", "none" or "other": how a delivery was protected.
std::string protection_of(const Json& outcome);

}  // namespace postern::admin
