// A character display: a few rows of a few columns.
#pragma once

#include <string>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::panel {

class Display {
 public:
  virtual ~Display() = default;
  // What does not fit is cut; what is not ASCII becomes '?'. Rows that are not given are empty.
  virtual Result<void, Fault> show(const std::vector<std::string>& rows) = 0;
};

class MemoryDisplay : public Display {
 public:
  Result<void, Fault> show(const std::vector<std::string>& rows) override {
    shown = rows;
    return {};
  }
  std::vector<std::string> shown;
};

}  // namespace postern::panel
