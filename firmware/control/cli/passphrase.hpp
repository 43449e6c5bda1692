// Passphrases from people, and the small files that they seal.
#pragma once

#include <optional>
#include <string>

namespace postern::control::cli {

// One line of standard input; at a terminal after `prompt`, and nothing is shown while it is typed.
std::string read_quietly(const char* prompt);
// From the terminal without showing it, `twice` to find a slip; else one line of standard input. Empty: none,
// or the two differ.
std::string read_passphrase(bool twice);

std::optional<std::string> read_small_file(const std::string& path);
// Only for its owner; false where it exists already or cannot be written.
bool write_new_file(const std::string& path, const std::string& content);

}  // namespace postern::control::cli
