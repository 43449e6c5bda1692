// Files with the root's keys that the resolver keeps up to date by itself. RFC 5011.
//
// Each context has a file of its own, because each follows the keys' timers by itself. A new file begins with
// what the other files have, else with Debian's copy of the root key.
#pragma once

#include <string>

#include "platform/base/result.hpp"

namespace postern::resolver {

// The path of context `index`'s file in `directory`, made from `start` where it is not there yet.
Result<std::string, Fault> managed_anchor(const std::string& directory, std::size_t index,
                                          const std::string& start);

}  // namespace postern::resolver
