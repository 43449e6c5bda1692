// The words of TLS reports: which policy was applied, and in what way it was not met. RFC 8460 §4.2, §4.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::policy {

enum class PolicyType : std::uint8_t { no_policy_found, tlsa, sts };

enum class ResultType : std::uint8_t {
  success,
  starttls_not_supported,
  certificate_host_mismatch,
  certificate_not_trusted,
  certificate_expired,
  validation_failure,
  tlsa_invalid,
  dnssec_invalid,
  dane_required,
  sts_policy_fetch_error,
  sts_policy_invalid,
  sts_webpki_invalid,
};

// "starttls-not-supported"; "" for success, which has no name there.
std::string_view name_of(ResultType type);
std::optional<ResultType> result_type(std::string_view name);
std::string_view name_of(PolicyType type);  // "no-policy-found", "tlsa", "sts"
std::optional<PolicyType> policy_type(std::string_view name);

}  // namespace postern::policy
