// What the console and the process that starts commands say to each other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control::console {

// In front of the words, each of which ends in a zero, or of a question about accounts. With it comes where
// the output goes.
struct OrderHead {
  enum class Kind : std::uint8_t { start = 1, stop, account };
  std::uint64_t ticket = 0;
  Kind kind = Kind::start;
  unsigned columns = 80;
  bool colour = false;
};
inline constexpr std::size_t kOrderHead = sizeof(OrderHead);
inline constexpr std::size_t kMostOrder = 16384;

struct Ended {
  std::uint64_t ticket = 0;
  int status = 0;  // of exit
};

// Answers a question about accounts, in a process of its own that ends afterwards.
using AnswerAccount = std::function<std::string(const std::string&)>;

// Forks the process; the line to it. It ends when the line does.
Result<process::Descriptor, Fault> start_runner_process(const std::string& program,
                                                        const std::string& run_directory,
                                                        AnswerAccount accounts);

}  // namespace postern::control::console
