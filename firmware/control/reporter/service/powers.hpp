// What the reporter may do once it has started: its database and outbox, DNS and HTTPS. No keys.
#pragma once

#include "firmware/control/reporter/service/options.hpp"
#include "platform/process/powers.hpp"

namespace postern::reporter {

process::Powers reporter_powers(const ServiceOptions& options);

}  // namespace postern::reporter
