// A board held against the running machine: what it names and the machine has not, one line each.
//
// Reads /sys, /proc and /dev below a root that tests may move. Nothing is opened for writing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/board/board.hpp"

namespace postern::board {

struct Finding {
  enum class Weight : std::uint8_t { good, warning, fault } weight = Weight::good;
  std::string text;
};

// In the order of the board's sections; good findings too, so that a list shows what was looked at.
std::vector<Finding> compare(const Board& board, const std::filesystem::path& root = "/");

}  // namespace postern::board
