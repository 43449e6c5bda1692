// People's wishes about the queue on their way from control to a core, and the answers on their way back.
//
// Used on the housekeeping thread. The pieces of work live here until the core has given them back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "firmware/ipc/queue.hpp"
#include "firmware/shard/queue_work.hpp"

namespace postern::dataplane {

class QueueClerk {
 public:
  static constexpr std::size_t kMostUnderWay = 8;

  // `give` hands a piece to that core; false where there is no such core or it cannot take it now. `tell` is
  // what control hears.
  using Give = std::function<bool(std::uint32_t core, shard::QueueWork&)>;
  using Tell = std::function<void(const ipc::QueueAnswer&)>;
  QueueClerk(Give give, Tell tell) : give_(std::move(give)), tell_(std::move(tell)) {}

  void take(ipc::QueueAsk&& ask);
  void answered(const shard::QueueWork& work);
  // The core could not take it after all.
  void refused(const shard::QueueWork& work);
  std::size_t under_way() const { return under_way_.size(); }

 private:
  Give give_;
  Tell tell_;
  std::map<std::uint64_t, std::unique_ptr<shard::QueueWork>> under_way_;
};

}  // namespace postern::dataplane
