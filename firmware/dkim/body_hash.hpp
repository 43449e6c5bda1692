// The hash of a message's body in canonical form, fed as the body streams by. RFC 6376 §3.4.3, §3.4.4, §3.7.
//
// Chunks may be cut anywhere. No allocation; each byte is looked at once.
#pragma once

#include <cstdint>

#include "firmware/dkim/sha256.hpp"

namespace postern::dkim {

enum class Canonical : std::uint8_t { simple, relaxed };

class BodyHash {
 public:
  explicit BodyHash(Canonical form = Canonical::relaxed) : form_(form) {}

  // The next bytes of the body: what follows the blank line after the header section, line ends CRLF, without
  // dot stuffing. A CR or LF alone counts as any other character.
  void feed(Bytes bytes);
  // What goes into `bh=`. Afterwards the object is as new.
  Digest finish();

  Canonical form() const { return form_; }

 private:
  void take(std::uint8_t byte);
  void line_end();
  void settle();
  void put(std::uint8_t byte);
  void flush();

  Hasher hash_;
  Canonical form_;
  bool cr_ = false;         // a CR whose LF has not come yet
  bool space_ = false;      // relaxed: white space not yet known to stand inside a line
  bool in_line_ = false;    // the line under way has characters of its own
  bool any_ = false;        // something was hashed or is in the buffer
  std::uint64_t ends_ = 0;  // line ends held back: at the body's end they are dropped
  std::uint32_t held_ = 0;
  std::array<std::uint8_t, 1024> buffer_;
};

}  // namespace postern::dkim
