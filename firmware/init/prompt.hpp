// A question on a serial line, without a terminal program: what was typed, line by line, and shown back.
#pragma once

#include <string>
#include <string_view>

namespace postern::init {

// What was typed so far: a line when there is one.
class Prompt {
 public:
  explicit Prompt(const std::string& device);
  ~Prompt();
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;
  void show(std::string_view text) const;
  // Waits a quarter of a second at most; true where a whole line came.
  bool take(std::string& line);

 private:
  int fd_ = -1;
  std::string typed_;
};

}  // namespace postern::init
