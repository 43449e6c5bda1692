// From what the data plane tells about a session to what is counted: both policies' results. RFC 8460 §4.
#pragma once

#include <vector>

#include "firmware/control/reporter/store/store.hpp"
#include "firmware/ipc/outcome.hpp"

namespace postern::reporter {

// Adds none, one or two results. None: no session, a session that carried a report (RFC 8460 §5.3), or
// nonsense. MTA-STS counts for the recipients' domain, DANE for the host (RFC 8460 §1.1: the TLSA base
// domain); where no host was found, it counts for the domain.
void add_counted(const ipc::Outcome& outcome, std::vector<Counted>& to);

}  // namespace postern::reporter
