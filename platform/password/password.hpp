// Passwords of people: kept only as argon2id hashes (RFC 9106), as libsodium prints them.
//
// Both calls cost tens of milliseconds and 64 MiB on purpose: never on a packet core.
#pragma once

#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::password {

// "$argon2id$v=19$m=65536,t=2,p=1$...". Fails where there is no memory.
Result<std::string> hash(std::string_view password);

// Constant time in the password. A hash that is none matches nothing.
bool matches(std::string_view hash, std::string_view password);

}  // namespace postern::password
