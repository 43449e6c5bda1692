// The door for arrived segments.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

void segment_arrives(Core& core, const SegmentInfo& info, Bytes segment, Instant now);

}  // namespace postern::tcp
