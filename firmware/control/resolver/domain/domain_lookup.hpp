// One recipient domain: who takes its mail and what it promised about TLS. Makes policy::Facts.
//
//   MX ----------------------> each host (host_lookup.hpp) --.
//   MTA-STS (sts/sts_lookup.hpp), beside all that -----------+--> facts
//
// Always ends: what has not come when give_up() is called has failed, and says so. Questions per domain are
// bounded by kMostHosts. RFC 5321 §5.1, RFC 7505, RFC 7672 §2.2.1.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/control/resolver/domain/host_lookup.hpp"
#include "firmware/control/resolver/sts/sts_lookup.hpp"

namespace postern::resolver {

struct DomainRules {
  bool dane = true;
  bool mta_sts = true;
  bool tlsa_without_secure_mx = false;  // TLSA is asked for though the MX answer is insecure
  std::uint32_t least_ttl = 10;         // seconds; what holds shorter is kept that long
  std::uint32_t longest_ttl = 3600;     // seconds
  std::uint32_t failed_ttl = 30;        // seconds until what failed is asked again
  policy::StsTimes sts;
};

class DomainLookup : public std::enable_shared_from_this<DomainLookup> {
 public:
  static constexpr std::size_t kMostHosts = 16;

  struct Plan {
    std::string domain;  // lower case A-labels
    DomainRules rules;
    StsMemory sts;
    std::uint32_t random = 0;
  };
  struct Result {
    policy::Facts facts;
    StsMemory sts;
  };
  using Done = std::function<void(Result)>;
  // The wall clock, read when the facts are put together.
  using Clock = std::function<WallTime()>;

  DomainLookup(Asker& asker, Fetcher& fetcher, Clock clock, Plan plan, Trail trail = {});
  // `done` is called once, not from inside start().
  void start(Done done);
  // DNS is not waited for any longer; a policy file still is.
  void give_up_dns();
  // Nothing is.
  void give_up();
  bool over() const { return over_; }

 private:
  void on_mx(Answer answer);
  void take_hosts(const Answer& answer);
  void add_host(const std::string& name, std::uint16_t preference);
  void part_done();
  void finish();
  Result result();
  void tell(const std::string& text) const;

  Asker& asker_;
  Clock clock_;
  Plan plan_;
  Trail trail_;
  Done done_;
  policy::Facts facts_;
  std::shared_ptr<StsLookup> sts_;
  std::vector<std::shared_ptr<HostLookup>> hosts_;
  int waiting_ = 0;
  bool mx_known_ = false;  // its answer came, or was given up
  bool over_ = false;
  bool failed_ = false;
  std::uint32_t ttl_ = ~std::uint32_t{0};
};

}  // namespace postern::resolver
