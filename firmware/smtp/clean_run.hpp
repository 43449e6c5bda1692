// Finds how far message text is plain: the part that needs no look at single bytes.
//
// Both ends of our SMTP use it: the server to hand on long runs of DATA in one piece, the client to send them
// without stuffing. It looks at 64 bytes at a time (SSE2, part of every x86-64).
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::smtp {

// Where a scan stands in the text, carried from call to call.
struct LinePosition {
  bool after_cr = false;     // the last byte was CR
  bool line_start = true;    // the last two bytes were CR LF, or nothing came yet
  std::uint32_t length = 0;  // bytes of the current line so far, without its line end
};

// The number of bytes from `data` in which every CR is followed by LF and every LF preceded by CR, there is
// no NUL, no line begins with '.', and no line has more than `line_limit` bytes. It goes in whole blocks and
// stops at the first that does not fit or where a line comes near the limit: early, never late. `position` is
// moved along.
std::size_t clean_run(const std::uint8_t* data, std::size_t size, std::uint32_t line_limit,
                      LinePosition& position);

}  // namespace postern::smtp
