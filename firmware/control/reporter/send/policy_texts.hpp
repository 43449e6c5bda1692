// The text of policies as reports carry it. RFC 8460 §4.4, "policy-string" and "mx-host".
#pragma once

#include "firmware/control/reporter/report/tls_report.hpp"
#include "firmware/policy/facts.hpp"

namespace postern::reporter {

// Fills in what the facts have about that policy; leaves it as it is where they have nothing.
void add_policy_text(const policy::Facts& facts, PolicyReport& report);

}  // namespace postern::reporter
