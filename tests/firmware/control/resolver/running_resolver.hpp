// The real resolver process under the real keeper, with a packet core's own way to ask it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "firmware/control/supervisor/resolver_keeper.hpp"
#include "firmware/dataplane/policy_link/ring_policy_source.hpp"
#include "tests/firmware/control/resolver/name_server.hpp"

namespace postern::resolver::test {

class RunningResolver {
 public:
  explicit RunningResolver(ipc::SettingValues values);
  ~RunningResolver();

  void set(ipc::SettingValues values) { keeper_->set(values); }
  // Control's and the core's turns, until `done` or the time is over; false: it is over.
  template <typename Done>
  bool until(Done done, std::chrono::seconds longest = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      turn();
    }
    return true;
  }
  bool ready() {
    return until([this] { return keeper_->report().ready && adopted_ == keeper_->memory()->number; });
  }
  // Asks and waits for the ticket; the facts then known, or none in time.
  std::optional<policy::Facts> ask(const std::string& domain,
                                   std::chrono::seconds longest = std::chrono::seconds(30));
  bool answered(std::uint64_t ticket, std::chrono::seconds longest = std::chrono::seconds(30));
  std::optional<policy::Facts> look(const std::string& domain);
  std::uint64_t counter(std::string_view name) const;

  control::ResolverKeeper& keeper() { return *keeper_; }
  dataplane::RingPolicySource& core() { return core_; }
  const std::string& directory() const { return directory_.path(); }
  std::uint64_t tickets = 0;

 private:
  void turn();
  void adopt();

  Directory directory_;
  std::unique_ptr<control::ResolverKeeper> keeper_;
  std::shared_ptr<dataplane::PolicyMemory> memory_;
  std::uint64_t adopted_ = 0;
  dataplane::RingPolicySource core_{0, 77};
};

}  // namespace postern::resolver::test
