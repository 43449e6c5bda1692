// Whole files: read at once, replaced at once.
#pragma once

#include <string>
#include <vector>

#include "firmware/control/keystore/memory/secret.hpp"

namespace postern::keystore {

// Empty where there is none. Faults: it cannot be read, is no plain file, or is larger than `most`.
Result<Secret, Fault> read_whole(const std::string& path, std::size_t most);
// Beside it, fsync, rename, fsync of the directory: after a crash there is the old one or the new one.
Result<void, Fault> replace_file(const std::string& directory, const std::string& name, Bytes content);
Result<void, Fault> remove_file(const std::string& directory, const std::string& name);

}  // namespace postern::keystore
