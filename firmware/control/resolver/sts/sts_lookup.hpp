// One domain's MTA-STS policy: asks for the TXT record and fetches the file. What follows from the answers
// is said by firmware/policy/sts/cache.hpp; this only asks. RFC 8461 §3.1–3.3, §5.1, §10.2.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "firmware/control/resolver/dns/asker.hpp"
#include "firmware/control/resolver/domain/trail.hpp"
#include "firmware/control/resolver/sts/fetcher.hpp"
#include "firmware/policy/sts/cache.hpp"

namespace postern::resolver {

// What is remembered of a domain's MTA-STS from one lookup to the next.
struct StsMemory {
  policy::Sts sts;
  WallTime refresh_at = WallTime::max();
  WallTime failed_at = WallTime::min();  // the last fetch, where it failed
  std::string failed_id;
  bool operator==(const StsMemory&) const = default;
};

class StsLookup : public std::enable_shared_from_this<StsLookup> {
 public:
  struct Plan {
    std::string domain;
    StsMemory memory;
    policy::StsTimes times;
    std::uint32_t random = 0;  // spreads the refreshes
  };
  using Done = std::function<void()>;
  using Clock = std::function<WallTime()>;

  StsLookup(Asker& asker, Fetcher& fetcher, Clock clock, Plan plan, Trail trail);
  // `done` is called once; afterwards memory() and holds_seconds() hold.
  void start(Done done);
  // The record is not waited for any longer; a policy file still is.
  void give_up_record();
  // Nothing is.
  void give_up();

  const StsMemory& memory() const { return plan_.memory; }
  // How long the record's answer holds.
  std::uint32_t holds_seconds() const { return holds_; }

 private:
  void on_record(Answer answer);
  void take_record(const Answer& answer);
  void begin_fetch();
  void on_address(Answer answer);
  void on_fetched(Fetched fetched);
  void not_fetched(policy::StsFault fault, policy::Reason reason);
  void settle(const policy::StsFetch* fetch);
  void tell(const std::string& text) const;
  void ask(const std::string& name, Type type, void (StsLookup::*then)(Answer));

  Asker& asker_;
  Fetcher& fetcher_;
  Clock clock_;
  Plan plan_;
  Trail trail_;
  Done done_;
  policy::StsAnswer record_;
  std::vector<wire::IpAddress> addresses_;
  policy::Reason address_reason_;
  int waiting_ = 0;
  bool recorded_ = false;  // the record's answer came, or was given up
  bool late_ = false;
  bool over_ = false;
  std::uint32_t holds_ = ~std::uint32_t{0};
};

}  // namespace postern::resolver
