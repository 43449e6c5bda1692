// Turns a shard's outcomes into the fixed records of the ring to the control plane.
#pragma once

#include "firmware/ipc/outcome_ring.hpp"
#include "firmware/shard/outcome.hpp"

namespace postern::dataplane {

class OutcomeTeller final : public shard::OutcomeSink {
 public:
  // `lost` counts records for which the ring had no room.
  OutcomeTeller(ipc::OutcomeRing& ring, std::uint8_t shard, Counter& lost)
      : ring_(ring), shard_(shard), lost_(lost) {}
  void tell(const shard::Outcome& outcome) override;

 private:
  ipc::OutcomeRing& ring_;
  std::uint8_t shard_;
  Counter& lost_;
};

}  // namespace postern::dataplane
