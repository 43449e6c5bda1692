// TXT records, policy texts and patterns from strangers: never more than a refusal. What is taken obeys the
// rules that the rest relies on.
#include <cstdlib>
#include <string_view>
#include <vector>

#include "firmware/policy/sts/match.hpp"
#include "firmware/policy/sts/policy.hpp"
#include "firmware/policy/sts/record.hpp"
#include "firmware/policy/tlsrpt/record.hpp"

using namespace postern;
using namespace postern::policy;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto record = parse_sts_record(text)) demand(!record->id.empty() && record->id.size() <= 32);
  if (const auto record = parse_tlsrpt_record(text))
    demand(!record->rua.empty() && record->rua.size() <= kMostRua);
  is_policy_content_type(text);
  if (const auto policy = parse_sts_policy(text)) {
    demand(policy->max_age <= kMostMaxAge);
    demand(policy->mode == StsMode::none || !policy->mx.empty());
    for (const auto& pattern : policy->mx) {
      demand(sts_pattern(pattern).has_value());
      demand(pattern.starts_with("*.") || sts_matches(pattern, pattern));
    }
  }
  const auto half = text.substr(0, size / 2);
  sts_matches(half, text.substr(size / 2));
  const std::vector<std::string> both{std::string(half), std::string(text)};
  choose_sts_record(both);
  choose_tlsrpt_record(both);
  return 0;
}
