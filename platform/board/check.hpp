// Whether a board read from a file is complete and agrees with itself; used by board.cpp only.
#pragma once

#include "platform/board/board.hpp"
#include "platform/board/reader.hpp"

namespace postern::board {

// Appends one line for each thing that is wrong. Does not look at the machine.
void check(const Board& board, const Lines& lines, Faults& faults);

// True for what a board or a port may be called: 1 to 32 letters, digits, - and _.
bool is_name(std::string_view text);

}  // namespace postern::board
