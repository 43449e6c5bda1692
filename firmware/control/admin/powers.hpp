// What the admin process may do: talk to browsers and to control, keep its own files, look names up for
// people who ask. It sees no key but its own, and no mail.
#pragma once

#include "firmware/control/resolver/lookup.hpp"
#include "platform/process/powers.hpp"

namespace postern::admin {

inline constexpr const char* kUser = "postern-admin";

// Before enter(): `directory` is its own, `web` the pages, `door` control's socket.
process::Powers admin_powers(const std::string& directory, const std::string& web, const std::string& door,
                             const resolver::LookupOptions& lookup);

}  // namespace postern::admin
