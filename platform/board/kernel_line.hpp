// What the kernel has to be told at start for a board: console, huge pages, isolated cores, IOMMU.
#pragma once

#include <string>

#include "platform/board/board.hpp"

namespace postern::board {

// Words of the kernel's command line, separated by single spaces.
std::string kernel_line(const Board& board);

// How many 2 MiB pages the board's memory takes; 0 where it uses ordinary ones.
std::uint32_t huge_pages(const Board& board);

}  // namespace postern::board
