// The table of settings: the web administration.
#pragma once

#include <array>

#include "firmware/ipc/settings_rows.hpp"

namespace postern::ipc::settings_rows {

inline constexpr auto kAdminRows = std::to_array<Setting>({
    one("admin.address", endpoint, "", live,
        "Where the web pages and the API answer, as address:port of the management network; empty: nowhere."),
    one("admin.directory", path, "/var/lib/postern/admin", live,
        "Where people, sessions and the audit log of the web administration are kept."),
    time("admin.session_idle", "15m", kMinute, kDay, live,
         "A login ends after so long without a sign of life."),
    time("admin.session_life", "12h", 5 * kMinute, 7 * kDay, live, "A login ends after so long in any case."),
});

}  // namespace postern::ipc::settings_rows
