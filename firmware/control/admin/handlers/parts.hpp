// What several handlers do: hold back who guesses, look at codes, complete a session, hash a new password.
#pragma once

#include "firmware/control/admin/api/call.hpp"

namespace postern::admin {

// Throws 429 while the account or the source has to wait.
void hold_back(const Backoff& backoff, const Call& call, const std::string& account);
// "code" or "recovery_code" of the body, for the session's person; used up where it is right.
bool second_factor_is_right(Call& call);
// The session is a full one from here on, with a new secret; the answer says so.
Response become_full(Call& call, const std::string& user);
// Throws where it is no good password for that person; `field` is the one at fault.
std::string hash_of_password(const std::string& password, const std::string& user, const std::string& field);
Json qr_json(const std::string& text);
Json new_device_json(const Call& call, const std::string& user, const std::string& label,
                     const NewDevice& made);
// A list parameter's default.
std::size_t most_of(const Call& call, std::size_t fallback);
// The door's {"name", "text"} as the API's {"field", "text"}.
Json setting_faults(const Json& faults);

}  // namespace postern::admin
