// Long work as something one can look at: it waits, runs with progress, ends with a result or an error, or is
// given up. A few at once; the oldest that ended are forgotten first.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "firmware/control/admin/api/problem.hpp"

namespace postern::admin {

// What work says while it runs.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void say(double share, const std::string& step) = 0;
  virtual bool given_up() const = 0;
};

class Jobs {
 public:
  using Work = std::function<Json(Progress&)>;
  using Publish = std::function<void(const std::string& kind, const Json& event)>;
  static constexpr std::size_t kMostWaiting = 32;
  static constexpr std::size_t kKept = 200;

  explicit Jobs(Publish publish, std::size_t threads = 2);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Throws 429 where too many wait. The one that is about the same and not over yet is given back instead of
  // a new one.
  Json begin(const std::string& kind, const std::string& subject, const std::string& user, Work work);
  Json list() const;
  Json get(const std::string& id) const;  // throws 404
  void cancel(const std::string& id);     // throws 404
  // Id of one of that kind about that subject that is not over; empty: none.
  std::string running(const std::string& kind, const std::string& subject) const;

 private:
  struct Job;
  void run();
  void finish(Job& job, const char* state, Json result, const std::string& error);
  Json json_of(const Job& job) const;

  Publish publish_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;  // newest first
  std::deque<std::shared_ptr<Job>> waiting_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

}  // namespace postern::admin
