#include "firmware/smtp/text_scanner.hpp"

#include <algorithm>
#include <cstddef>

namespace postern::smtp {
namespace {

// Single steps between two tries of the block scan: enough to get past what stopped it.
constexpr std::size_t kSteps = 64;

Bytes take(Bytes& input, std::size_t count) {
  const Bytes front = input.first(count);
  input = input.subspan(count);
  return front;
}

}  // namespace

// A CR came before `c`, or `c` is CR, LF or NUL. `need_more` means: nothing wrong.
ScanKind TextScanner::line_end(std::uint8_t c) {
  if (position_.after_cr && c == '\n') {
    position_ = {};
    return ScanKind::need_more;
  }
  if (!draining_) {
    if (position_.after_cr) return ScanKind::bare_cr;
    if (c == '\n') return ScanKind::bare_lf;
    if (c == '\0') return ScanKind::nul;
  }
  position_.after_cr = c == '\r';
  position_.line_start = false;
  return ScanKind::need_more;
}

ScanKind TextScanner::step(std::uint8_t c) {
  if (position_.after_cr || c == '\r' || c == '\n' || c == '\0') return line_end(c);
  if (!draining_ && position_.length >= line_limit_) return ScanKind::line_too_long;
  position_.line_start = false;
  ++position_.length;
  return ScanKind::need_more;
}

// A dot at the start of a line was taken out; is it the end? RFC 5321 §4.5.2.
Scan TextScanner::after_dot(Bytes& input) {
  while (!input.empty() && dot_ != Dot::none) {
    const std::uint8_t c = input.front();
    if (dot_ == Dot::dot && c == '\r') {
      dot_ = Dot::dot_cr;
      take(input, 1);
    } else if (dot_ == Dot::dot_cr && c == '\n') {
      take(input, 1);
      return {ScanKind::end, {}};
    } else if (dot_ == Dot::dot_cr) {
      if (!draining_) return {ScanKind::bare_cr, {}};
      dot_ = Dot::none;
      position_ = {.after_cr = true, .line_start = false, .length = 0};
    } else {
      dot_ = Dot::none;
      position_.line_start = false;
    }
  }
  return {};
}

Scan TextScanner::next(Bytes& input) {
  if (dots_ && dot_ == Dot::none && position_.line_start && !input.empty() && input.front() == '.') {
    dot_ = Dot::dot;
    take(input, 1);
  }
  if (dot_ != Dot::none) {
    const Scan scan = after_dot(input);
    if (scan.kind != ScanKind::need_more || dot_ != Dot::none) return scan;
  }
  std::size_t done = 0;
  while (done < input.size()) {
    if (!draining_) done += clean_run(input.data() + done, input.size() - done, line_limit_, position_);
    for (const std::size_t stop = std::min(input.size(), done + kSteps); done < stop; ++done) {
      const std::uint8_t c = input[done];
      if (dots_ && c == '.' && position_.line_start) return {ScanKind::piece, take(input, done)};
      const ScanKind fault = step(c);
      if (fault == ScanKind::need_more) continue;
      return done == 0 ? Scan{fault, {}} : Scan{ScanKind::piece, take(input, done)};
    }
  }
  return done == 0 ? Scan{} : Scan{ScanKind::piece, take(input, done)};
}

}  // namespace postern::smtp
