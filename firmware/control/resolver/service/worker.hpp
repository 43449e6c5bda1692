// A thread that looks up domains: an event loop, two DNS contexts and an HTTPS client of its own.
//
// Two contexts, because the library cannot be told to ask again for what it remembers: a domain whose facts
// are to be refreshed ahead of their end is looked up by the other one, whose memory of it has run out.
// Every lookup ends within the deadline. At most `lookups` run at once; further ones wait their turn.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "firmware/control/resolver/dns/context.hpp"
#include "firmware/control/resolver/event_loop.hpp"
#include "firmware/control/resolver/service/options.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::resolver {

struct Job {
  std::string domain;
  StsMemory sts;
  unsigned side = 0;  // which of the two contexts
  std::uint32_t random = 0;
};

struct JobResult {
  std::string domain;
  DomainLookup::Result found;
  unsigned side = 0;
  Duration took{};
};

// Where workers put what they found; `signal` is an event descriptor that turns readable.
class Outbox {
 public:
  explicit Outbox(int signal) : signal_(signal) {}
  void put(JobResult result);
  std::vector<JobResult> take();

 private:
  int signal_;
  std::mutex mutex_;
  std::vector<JobResult> results_;
};

class Worker {
 public:
  // Makes everything that needs files; the thread starts with start().
  static Result<std::unique_ptr<Worker>, Fault> create(const ServiceOptions& options, std::size_t index,
                                                       Outbox& outbox);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  void submit(Job job);
  std::uint64_t questions() const { return questions_.load(std::memory_order_relaxed); }

 private:
  // Counts what is asked.
  class Side;
  struct Open {
    std::shared_ptr<DomainLookup> lookup;
    Instant began;
    bool dns_over = false;
  };

  Worker(const ServiceOptions& options, std::size_t index, Outbox& outbox);
  Result<void, Fault> make_sides();
  void run();
  void take_jobs();
  void begin(Job job);
  void watch_time(Instant now);
  void renew_when_due();
  static void on_wake(int fd, short, void* mine);

  ServiceOptions options_;
  std::size_t index_;
  Outbox& outbox_;
  EventLoop loop_;
  std::vector<std::unique_ptr<Side>> sides_;
  std::unique_ptr<HttpsClient> https_;
  process::Descriptor wake_;
  event* wake_event_ = nullptr;
  std::mutex mutex_;
  std::vector<Job> inbox_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> questions_{0};
  std::deque<Job> waiting_;
  std::deque<Open> open_;  // by beginning
  std::size_t running_ = 0;
  WallTime renew_at_ = WallTime::max();  // a negative anchor ends
  std::thread thread_;
};

}  // namespace postern::resolver
