// Puts one file's tables over what its parents said; used by board.cpp only.
#pragma once

#include "platform/board/reader.hpp"

namespace postern::board {

// What the file does not state stays as it was.
void overlay(Board& board, const toml::table& root, std::string source, Faults& faults, Lines& lines);

}  // namespace postern::board
