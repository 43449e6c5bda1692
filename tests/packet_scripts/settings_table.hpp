// What a script may set before it begins: `--name=value`, every field of Settings and a few of the player's
// own.
#pragma once

#include "firmware/tcp/settings.hpp"
#include "tests/packet_scripts/script.hpp"

namespace postern::tcp::scripts {

struct World {
  Settings settings;
  bool ipv6 = false;
  Duration tolerance{4ms};  // how far an expected segment may be from its time; packetdrill's default
};

// Small tables, fixed keys, no pacing, no HyStart++, no asking for ECN, which scripts about them turn on; all
// else as the product has it; then what the script says. Throws Fault.
World world_of(const Script& script);

}  // namespace postern::tcp::scripts
