// The options all checks over the network share: --dns, --trust-anchor, --authorities, --port.
#pragma once

#include "firmware/control/cli/check/box_rules.hpp"
#include "firmware/control/cli/check/checked.hpp"
#include "firmware/control/resolver/lookup.hpp"

namespace postern::control::cli {

Result<resolver::LookupOptions, Fault> lookup_options(const Invocation& invocation);
// Of the mail servers; 25 where it was not given, 0 where it is none.
std::uint16_t mail_port(const Invocation& invocation);

// With options and rules of another origin: the admin process has the box's own.
Checked check_policy(const Invocation& invocation, const resolver::LookupOptions& options,
                     const BoxRules& rules, const std::string& domain);
Checked probe_domain(const resolver::LookupOptions& options, const BoxRules& rules, std::uint16_t port,
                     const std::string& domain);

}  // namespace postern::control::cli
