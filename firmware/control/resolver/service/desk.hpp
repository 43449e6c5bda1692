// The resolver's one thread that decides: takes the cores' questions, joins equal ones, gives them to the
// workers, publishes what they found in the snapshot table, and answers.
//
// It never waits for DNS, HTTPS or the disk. What a core asked is answered or, where the core does not read
// its answers, counted as lost; a core keeps the time itself.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "firmware/control/resolver/service/domain_memory.hpp"
#include "firmware/control/resolver/service/policy_memory.hpp"
#include "firmware/control/resolver/service/worker.hpp"
#include "firmware/ipc/policy_memory.hpp"
#include "firmware/ipc/resolver_report.hpp"
#include "firmware/policy/table/table.hpp"
#include "platform/process/shared_memory.hpp"
#include "platform/rng/core_random.hpp"

namespace postern::resolver {

class Desk {
 public:
  // What control gave us.
  struct Given {
    process::Descriptor control;
    process::Mapping table;
    process::Mapping lanes_memory;
    process::Descriptor event;
    std::uint32_t lanes = 0;
  };

  // Makes workers and store; takes over what the disk has. Before confinement.
  static Result<std::unique_ptr<Desk>, Fault> create(const ServiceOptions& options, Given given);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Starts the threads.
  void start();
  // Publishes what the disk had and serves until control's line closes.
  void serve();

 private:
  struct Waiter {
    std::uint32_t lane;
    ipc::PolicyAnswer answer;
  };
  struct Flight {
    std::vector<Waiter> waiters;
  };

  Desk(const ServiceOptions& options, Given given, policy::TableWriter table, const rng::Seed& seed);
  void take_over(Store::Loaded loaded);
  bool take_questions();
  void on_question(std::uint32_t lane, const ipc::PolicyQuestion& question, WallTime now);
  void begin(const std::string& domain, unsigned side);
  void take_results();
  void on_result(JobResult result);
  void answer(const Waiter& waiter);
  void count(const JobResult& result);
  bool control_is_there();
  void look_around(WallTime now);
  void report(bool ready);
  void rest();
  bool lanes_empty();

  ServiceOptions options_;
  Given given_;
  policy::TableWriter table_;
  rng::CoreRandom random_;
  process::Descriptor signal_;  // of the outbox
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<PolicyBook> policies_;
  DomainMemory domains_;
  std::unordered_map<std::string, Flight> flights_;
  std::vector<std::unique_ptr<Worker>> workers_;
  ipc::ResolverCounters counters_;
  Instant next_report_{};
  Instant next_sweep_{};
};

}  // namespace postern::resolver
