// Mail of the box's own on its way from control to a core, and the answer on its way back.
//
// Used on the housekeeping thread. Control asks again with the same ticket where an answer was lost: what
// is under way is not given out twice, and what was stored is answered at once. RFC 8460 §5.3.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "firmware/ipc/reporting.hpp"
#include "firmware/shard/injection.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::dataplane {

class InjectionDesk {
 public:
  static constexpr std::size_t kMostUnderWay = 32;
  static constexpr std::size_t kRemembered = 4096;  // tickets of what was stored

  // `give` hands one to a core; false where that core cannot take it now. `tell` is what control hears.
  using Give = std::function<bool(const shard::Injection&)>;
  using Tell = std::function<void(const ipc::Injected&)>;
  InjectionDesk(Give give, Tell tell) : give_(std::move(give)), tell_(std::move(tell)) {}

  void take(const ipc::Inject& inject, process::Mapping message);
  void answered(const shard::Injected& answer);
  std::size_t under_way() const { return under_way_.size(); }

 private:
  struct Entry {
    process::Mapping message;
    shard::Injection injection;
  };
  bool was_stored(std::uint64_t ticket) const;
  void refuse(std::uint64_t ticket, bool again, std::string_view why);

  Give give_;
  Tell tell_;
  std::map<std::uint64_t, std::unique_ptr<Entry>> under_way_;
  std::deque<std::uint64_t> stored_;  // the latest ones
};

}  // namespace postern::dataplane
