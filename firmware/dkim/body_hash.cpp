// Canonical bodies: see the header. Line ends are held back until something follows them, because those at
// the end of the body do not count.
#include "firmware/dkim/body_hash.hpp"

#include <algorithm>
#include <cstring>

namespace postern::dkim {
namespace {

bool is_plain(std::uint8_t byte, bool relaxed) {
  return byte != '\r' && (!relaxed || (byte != ' ' && byte != '\t'));
}

}  // namespace

void BodyHash::flush() {
  hash_.feed(Bytes(buffer_.data(), held_));
  held_ = 0;
}

void BodyHash::put(std::uint8_t byte) {
  if (held_ == buffer_.size()) flush();
  buffer_[held_++] = byte;
  any_ = true;
}

// Something follows: what was held back counts after all.
void BodyHash::settle() {
  for (; ends_ != 0; --ends_) {
    put('\r');
    put('\n');
  }
  if (space_) put(' ');  // RFC 6376 §3.4.4 (a): a run of white space is one space
  space_ = false;
  if (cr_) put('\r');  // it was not the begin of a line end
  cr_ = false;
  in_line_ = true;
}

void BodyHash::line_end() {
  space_ = false;  // RFC 6376 §3.4.4 (a): white space at the end of a line is ignored
  cr_ = false;
  in_line_ = false;
  ++ends_;
}

void BodyHash::take(std::uint8_t byte) {
  if (cr_ && byte == '\n') return line_end();
  if (cr_) settle();
  if (byte == '\r') {
    cr_ = true;
  } else if (form_ == Canonical::relaxed && (byte == ' ' || byte == '\t')) {
    space_ = true;
  } else {
    settle();
    put(byte);
  }
}

void BodyHash::feed(Bytes bytes) {
  const bool relaxed = form_ == Canonical::relaxed;
  std::size_t at = 0;
  while (at < bytes.size()) {
    take(bytes[at++]);
    // The rest of a run of ordinary characters goes over in one piece.
    if (cr_ || space_ || !in_line_) continue;
    const std::size_t begin = at;
    const std::size_t most = std::min(bytes.size(), at + (buffer_.size() - held_));
    while (at < most && is_plain(bytes[at], relaxed)) ++at;
    std::memcpy(buffer_.data() + held_, bytes.data() + begin, at - begin);
    held_ += static_cast<std::uint32_t>(at - begin);
    if (held_ == buffer_.size()) flush();
  }
}

Digest BodyHash::finish() {
  if (cr_) settle();
  // RFC 6376 §3.4.3: the body ends in exactly one line end; an empty one becomes one. §3.4.4: there it stays
  // empty, and a last line without an end gets one.
  space_ = false;
  ends_ = 0;
  if (any_ || form_ == Canonical::simple) {
    put('\r');
    put('\n');
  }
  flush();
  in_line_ = any_ = false;
  return hash_.finish();
}

}  // namespace postern::dkim
