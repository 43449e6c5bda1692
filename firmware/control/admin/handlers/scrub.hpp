// Takes people and secrets out of what goes to a supporter: the local part of every address, and the value of
// every setting that names people or credentials. Pure.
#pragma once

#include "firmware/control/admin/api/problem.hpp"

namespace postern::admin {

Json scrubbed(Json json);
std::string scrubbed_text(const std::string& text);

}  // namespace postern::admin
