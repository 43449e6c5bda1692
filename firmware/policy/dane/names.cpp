// See names.hpp.
#include "firmware/policy/dane/names.hpp"

#include <algorithm>

namespace postern::policy {
namespace {

void add(std::vector<std::string>& names, std::string_view name) {
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
  names.emplace_back(name);
}

}  // namespace

std::vector<std::string> names_for_usage_2(std::string_view tlsa_base, std::string_view domain,
                                           std::string_view expanded_domain, Security mx_security) {
  std::vector<std::string> names;
  add(names, tlsa_base);
  // An unproven MX answer may name anybody's host, who can well have a certificate for the domain's name only
  // if it is the domain's: but the base domain's own zone did not say so.
  if (mx_security == Security::secure) {
    add(names, domain);
    add(names, expanded_domain);
  }
  return names;
}

}  // namespace postern::policy
