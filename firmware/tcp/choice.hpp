// What a connection sends next, if anything.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

struct Choice {
  enum class Kind : std::uint8_t {
    nothing,
    fresh,     // for the first time: from SND.NXT on
    again,     // from the start of span `span`
    tail,      // the end of what is in flight, as a probe
    pure_ack,  // no data
  };
  Kind kind = Kind::nothing;
  bool fin = false;
  bool probe = false;      // of a closed window
  bool mtu_probe = false;  // larger than the path is known to take
  std::uint32_t span = 0;
  SeqNumber start;
  std::uint32_t count = 0;  // bytes of payload; a FIN is not counted
};

// `most`: bytes of payload that fit. Clears the wishes it fulfils.
Choice choose(Core& core, Connection& c, std::uint32_t most, Instant now);

}  // namespace postern::tcp
