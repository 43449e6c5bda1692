// What `postern top` shows, as text; the loop around it is in top.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "firmware/control/cli/invocation.hpp"

namespace postern::control::cli {

// One look at the box.
struct Look {
  double seconds = 0;  // of a steady clock
  Json status;         // with "counters"
  Json outcomes;       // the last ones
};

// The screen between two looks, `height` lines at most, each line without its end.
std::vector<std::string> top_lines(const Look& before, const Look& now, std::size_t width, std::size_t height,
                                   bool colour);
// The same figures for programs: rates per second.
Json top_json(const Look& before, const Look& now);

}  // namespace postern::control::cli
