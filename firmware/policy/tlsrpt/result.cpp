// See result.hpp.
#include "firmware/policy/tlsrpt/result.hpp"

#include <array>

namespace postern::policy {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 12> kResults{"",
                                                    "starttls-not-supported",
                                                    "certificate-host-mismatch",
                                                    "certificate-not-trusted",
                                                    "certificate-expired",
                                                    "validation-failure",
                                                    "tlsa-invalid",
                                                    "dnssec-invalid",
                                                    "dane-required",
                                                    "sts-policy-fetch-error",
                                                    "sts-policy-invalid",
                                                    "sts-webpki-invalid"};
constexpr std::array<std::string_view, 3> kPolicies{"no-policy-found", "tlsa", "sts"};

template <typename E, std::size_t N>
std::optional<E> find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (!name.empty() && names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ResultType type) {
  return kResults[static_cast<std::size_t>(type)];
}
std::optional<ResultType> result_type(std::string_view name) {
  return find<ResultType>(kResults, name);
}
std::string_view name_of(PolicyType type) {
  return kPolicies[static_cast<std::size_t>(type)];
}
std::optional<PolicyType> policy_type(std::string_view name) {
  return find<PolicyType>(kPolicies, name);
}

}  // namespace postern::policy
