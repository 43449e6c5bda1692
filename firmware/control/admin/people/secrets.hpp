// Random words for people and programs, and what is kept of them: only hashes. All of them carry at least 80
// bits, so one round of BLAKE2b is enough; passwords that people choose are platform/password's.
#pragma once

#include <string>
#include <string_view>

namespace postern::admin {

// 256 bits, base64url.
std::string make_secret();
// "k3m9-xw2p-...": letters and digits that cannot be mixed up, in groups of four; 5 bits each.
std::string make_words(std::size_t groups);
// What a person may make of them: capitals, spaces, no hyphens; back to how they were made.
std::string plain_words(std::string_view typed);
// Hexadecimal; constant in time because only hashes are ever compared.
std::string hash_of(std::string_view secret);
// A short name for a row: 96 bits, base64url.
std::string make_id();

}  // namespace postern::admin
