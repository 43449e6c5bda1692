// Completes the transport checksum of a frame in software (RFC 1071), for devices that do not.
#pragma once

#include "platform/base/frame.hpp"

namespace postern::nic {

// The checksum field of a TCP or ICMPv6 header at `l4_offset` holds the pseudo-header sum; afterwards it
// holds the checksum. A frame too short for its headers is left alone.
void complete_transport_checksum(const Frame& frame);

}  // namespace postern::nic
