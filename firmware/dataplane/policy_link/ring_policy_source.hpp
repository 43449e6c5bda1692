// One core's way to the resolver: looks into the snapshot table, and asks through its lane.
//
// Used by that core's thread only. No call waits; the only system call is the one that wakes a resolver that
// sleeps. New memory means a new life of the resolver: what was open is asked there again. What is open for
// longer than kMostOpenTime is forgotten (the asker has given up long before).
#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "firmware/dataplane/policy_link/policy_memory.hpp"
#include "firmware/shard/policy_source.hpp"
#include "platform/base/time.hpp"

namespace postern::dataplane {

class RingPolicySource final : public shard::PolicySource {
 public:
  static constexpr Duration kMostOpenTime = std::chrono::minutes(10);
  static constexpr std::size_t kMostOpen = 4096;

  // `life`: different for each data plane that ever used the lane.
  RingPolicySource(std::uint32_t lane, std::uint64_t life);

  void adopt(PolicyMemory* memory);

  Bytes lookup(std::string_view domain) override;
  void prefetch(std::span<const std::string_view> domains) override;
  bool ask(shard::PolicyTicket ticket, std::string_view domain) override;
  bool ready(shard::PolicyTicket& ticket) override;
  // Something is open: the core should look again soon.
  bool waiting() const { return !open_.empty(); }

 private:
  struct Open {
    std::string domain;
    Instant asked;
    bool sent = false;
  };

  bool push(ipc::PolicyWish wish, shard::PolicyTicket ticket, std::string_view domain);
  void wake();
  void hint_refresh(std::string_view domain, Bytes encoded);
  void tend(Instant now);

  std::uint32_t lane_;
  std::uint64_t life_;
  PolicyMemory* memory_ = nullptr;
  std::unordered_map<shard::PolicyTicket, Open> open_;
  std::size_t unsent_ = 0;
  Instant next_tend_{};
  // Domains that were hinted at lately, by hash: the same one is not hinted again for a while.
  struct Hint {
    std::size_t hash = 0;
    WallTime until{};
  };
  std::array<Hint, 256> hints_{};
  alignas(8) std::array<std::uint8_t, policy::kMostEncoded> buffer_{};
};

}  // namespace postern::dataplane
