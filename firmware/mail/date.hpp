// Dates as mail headers write them, always in UTC. RFC 5322 §3.3.
#pragma once

#include <string>

#include "platform/base/time.hpp"

namespace postern::mail {

// "Sun, 22 Nov 2026 14:33:09 +0000". No locale and no time zone database is asked.
std::string rfc5322_date(WallTime time);

}  // namespace postern::mail
