// What a lookup did, step by step, for people who want to see why an answer is as it is.
#pragma once

#include <functional>
#include <string>

namespace postern::resolver {

// Called with one line per step; empty: nobody listens.
using Trail = std::function<void(std::string)>;

}  // namespace postern::resolver
