// The Looker that asks the world: the same rules, the same TLS and the same DNS options as the product's own.
#pragma once

#include "firmware/control/admin/door/door.hpp"
#include "firmware/control/admin/lookup/looker.hpp"
#include "firmware/control/resolver/lookup.hpp"

namespace postern::admin {

// What the DNS of a served domain is held against.
struct OwnFacts {
  std::string host_name;
  std::vector<std::string> addresses;  // of the box, without lengths
};

class World final : public Looker {
 public:
  World(resolver::LookupOptions options, OwnFacts own, Door& door)
      : options_(std::move(options)), own_(std::move(own)), door_(door) {}

  Json check_policy(const std::string& domain, Progress& progress) override;
  Json probe(const std::string& domain, Progress& progress) override;
  Json check_domain(const std::string& domain, Progress& progress) override;
  std::string address_of(const std::string& host) override;

 private:
  resolver::LookupOptions options_;
  OwnFacts own_;
  Door& door_;
};

}  // namespace postern::admin
