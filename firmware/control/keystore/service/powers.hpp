// What postern-keystore may do: its own directory and its line to control. No network, no program, no device
// but the TPM it opened before.
#pragma once

#include <string>

#include "platform/process/powers.hpp"

namespace postern::keystore {

process::Powers keystore_powers(const std::string& directory, const std::string& key_directory);

}  // namespace postern::keystore
