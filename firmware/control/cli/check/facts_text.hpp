// Facts and demands as people and programs read them.
#pragma once

#include <string>

#include "firmware/control/cli/check/checked.hpp"
#include "firmware/policy/decide/decide.hpp"
#include "firmware/policy/facts.hpp"

namespace postern::control::cli {

std::string_view name_of(policy::Security security);
std::string_view name_of(policy::HostSecurity security);
std::string_view name_of(policy::TlsaState state);
std::string_view name_of(policy::MxKind kind);

// "timed out (EDE 22: No Reachable Authority)"
std::string text_of(const policy::Reason& reason);
// "3 1 1 8cb0…", and why it is not usable where it is not.
std::string text_of(const policy::Tlsa& record);

Json json_of(const policy::Host& host);
Json json_of(const policy::Demand& demand);
Json json_of(const policy::Facts& facts);

// Lines about what was found: MX, MTA-STS; about one host; about a demand.
void tell_domain(Checked& checked, const policy::Facts& facts);
void tell_host(Checked& checked, const policy::Host& host);
void tell_demand(Checked& checked, const policy::Demand& demand);

}  // namespace postern::control::cli
