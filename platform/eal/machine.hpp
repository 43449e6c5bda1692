// Small questions about the machine, shared by the checks of this room.
#pragma once

namespace postern::eal {

// True where the calling thread has the capability (CAP_NET_RAW and so on) in effect.
bool has_capability(unsigned number);

}  // namespace postern::eal
