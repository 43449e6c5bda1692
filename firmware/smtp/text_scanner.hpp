// Reads message text as it comes: takes out dot-stuffing, finds the end of DATA, and finds what must not be
// in it.
//
// The only end of DATA is CR LF '.' CR LF (RFC 5321 §4.1.1.4). CR and LF stand only together (RFC 5321
// §2.3.8), and there is no NUL: what another server could read as the end of the message is a fault here, so
// nothing can be smuggled behind it. Pieces are views into the input, as long as can be.
#pragma once

#include <cstdint>

#include "firmware/smtp/clean_run.hpp"
#include "platform/base/bytes.hpp"

namespace postern::smtp {

enum class ScanKind : std::uint8_t { need_more, piece, end, bare_cr, bare_lf, nul, line_too_long };

struct Scan {
  ScanKind kind = ScanKind::need_more;
  Bytes piece;
};

class TextScanner {
 public:
  TextScanner() = default;
  // `dots`: the text is dot-stuffed and ends in CRLF.CRLF (DATA); else it is what BDAT carries.
  TextScanner(bool dots, std::uint32_t line_limit) : dots_(dots), line_limit_(line_limit) {}

  // Takes what it can from the front of `input`. A fault takes nothing: only drain() can go on from there.
  Scan next(Bytes& input);
  // From now on faults are not reported; the end is still found only where it really is.
  void drain() { draining_ = true; }
  // The text stops here (BDAT LAST): false where a CR waits for its LF.
  bool complete() const { return !position_.after_cr; }

 private:
  enum class Dot : std::uint8_t { none, dot, dot_cr };

  Scan after_dot(Bytes& input);
  ScanKind step(std::uint8_t c);
  ScanKind line_end(std::uint8_t c);

  LinePosition position_;
  Dot dot_ = Dot::none;
  bool dots_ = true;
  bool draining_ = false;
  std::uint32_t line_limit_ = 998;
};

}  // namespace postern::smtp
