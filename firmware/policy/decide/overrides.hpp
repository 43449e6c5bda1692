// The operator's rules for single destinations: read from their lines, and found by domain.
//
//   DOMAIN KIND DEMAND DATE REASON      example.com instead plaintext 2027-01-31 their TLS is broken
//
// ".example.com" stands for everything below it; KIND is at-least or instead; DEMAND is a word of
// read_demand; DATE is the last day, UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/policy/decide/decide.hpp"
#include "platform/base/result.hpp"

namespace postern::policy {

// Domain (A-labels, lower case) or ".domain", and what holds there.
using OverrideRule = std::pair<std::string, Override>;

// Faults: what is missing or wrong, in one line without the rule itself.
Result<OverrideRule, Fault> read_override(std::string_view line);
// plaintext, opportunistic, mandatory, pkix, dane, dane+pkix.
std::optional<Insist> read_demand(std::string_view word);
std::string_view word_of(Override::Kind kind);

// The rule for a domain (A-labels, lower case): of those that fit the longest, of equal ones the last; null
// where there is none. Whether it has run out is for `decide` to see.
const OverrideRule* override_for(const std::vector<OverrideRule>& rules, std::string_view domain);

}  // namespace postern::policy
