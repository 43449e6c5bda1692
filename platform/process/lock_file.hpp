// A lock that one process at a time can hold: a file with its pid. It ends with the process, however that
// ends.
#pragma once

#include <string>

#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::process {

// The fault names the process that holds it.
Result<Descriptor, Fault> take_lock(const std::string& path);

}  // namespace postern::process
