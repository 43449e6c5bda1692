// A frame as one line for people: addresses, ports, flags, length.
#pragma once

#include <array>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::nic {

using FrameText = std::array<char, 256>;

// Whatever the bytes are, the text is printable; what is too short for its headers is called "cut".
std::string_view frame_text(Bytes frame, FrameText& buffer);

}  // namespace postern::nic
