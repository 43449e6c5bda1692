// Cuts bytes where their content says so, so that a piece that moved is still the same piece.
//
// A rolling hash over the last 64 bytes decides; pieces are 16 to 256 KiB, about 64 KiB. Squashfs packs files
// without alignment: with pieces of fixed places one changed byte in front would change all that follow.
#pragma once

#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::tools {

std::vector<Bytes> cut_into_chunks(Bytes bytes);

}  // namespace postern::tools
