// What the resolver may do: ask name servers and policy hosts, keep its cache. It has no keys, reaches no
// files but its directory and those with public anchors, and starts nothing.
#pragma once

#include "firmware/control/resolver/service/options.hpp"
#include "platform/process/powers.hpp"

namespace postern::resolver {

process::Powers resolver_powers(const ServiceOptions& options);

}  // namespace postern::resolver
