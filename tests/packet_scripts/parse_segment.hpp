// The part of a line after its time that is about packets.
#pragma once

#include "tests/packet_scripts/cursor.hpp"
#include "tests/packet_scripts/script.hpp"

namespace postern::tcp::scripts {

// After `<` or `>`.
Segment parse_segment(Cursor& at, bool to_engine);
// After `< icmp` or `< icmpv6`.
Icmp parse_icmp(Cursor& at);

}  // namespace postern::tcp::scripts
