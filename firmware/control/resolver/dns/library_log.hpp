// What the resolver library writes to its log: the only place where it says why a question failed.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace postern::resolver {

// The stream to hand to the library; one for the process.
std::FILE* library_log();
// Why the question that this thread's library call is about to answer failed; empty: it did not say.
// Forgotten with the call.
std::string take_failure(std::string_view name, std::string_view type);

}  // namespace postern::resolver
