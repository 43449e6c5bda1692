// The world as it is: DNS through the resolver's lookups, HTTPS through our TLS, mail through the outbox.
#pragma once

#include <memory>
#include <string>

#include "firmware/control/reporter/send/outside.hpp"
#include "firmware/control/reporter/service/options.hpp"
#include "firmware/tls/session.hpp"

namespace postern::reporter {

class RealOutside final : public Outside {
 public:
  static Result<std::unique_ptr<RealOutside>, Fault> create(const ServiceOptions& options);

  Texts texts(const std::string& name) override;
  std::optional<policy::Facts> facts(const std::string& domain) override;
  Handed post(const Rua& rua, std::string_view packed) override;
  Handed mail(const OutgoingMail& mail) override;
  std::uint64_t random(std::uint64_t limit) override;

 private:
  RealOutside() = default;

  std::string outbox_;
  bool allow_private_ = false;
  tls::Counters counters_;
  std::unique_ptr<tls::Core> tls_;
  std::unique_ptr<resolver::Lookups> lookups_;
};

}  // namespace postern::reporter
