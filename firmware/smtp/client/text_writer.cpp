#include "firmware/smtp/client/text_writer.hpp"

#include <algorithm>
#include <limits>

namespace postern::smtp {
namespace {

constexpr std::size_t kSteps = 64;
// No limit on lines here: half of the range, so that the counting in clean_run cannot overflow.
constexpr std::uint32_t kAnyLength = std::numeric_limits<std::uint32_t>::max() / 2;

}  // namespace

// A CR went out with the byte before, or `c` is CR, LF or NUL.
void TextWriter::put_cr_or_lf(std::uint8_t c, std::string& out) {
  if (position_.after_cr) {
    out += '\n';
    position_ = {};
    if (c == '\n') return;
    mended_ = true;
    return put(c, out);
  }
  if (c == '\r') {
    out += '\r';
    position_.after_cr = true;
    position_.line_start = false;
    return;
  }
  mended_ = true;
  out += c == '\n' ? "\r\n" : " ";
  position_ = {.after_cr = false, .line_start = c == '\n', .length = 0};
}

void TextWriter::put(std::uint8_t c, std::string& out) {
  if (position_.after_cr || c == '\r' || c == '\n' || c == '\0') return put_cr_or_lf(c, out);
  if (dots_ && c == '.' && position_.line_start) out += '.';
  out += static_cast<char>(c);
  position_.line_start = false;
  position_.length = 0;  // lines have no limit here
}

void TextWriter::write(Bytes text, std::string& out) {
  while (!text.empty()) {
    const std::size_t run = clean_run(text.data(), text.size(), kAnyLength, position_);
    out += as_text(text.first(run));
    text = text.subspan(run);
    position_.length = 0;
    const std::size_t steps = std::min(text.size(), kSteps);
    for (const std::uint8_t c : text.first(steps)) put(c, out);
    text = text.subspan(steps);
  }
}

void TextWriter::end(std::string& out) {
  if (position_.after_cr) {
    mended_ = true;
    out += '\n';
    position_ = {};
  }
  if (!position_.line_start) out += "\r\n";
  position_ = {};
  if (dots_) out += ".\r\n";
}

}  // namespace postern::smtp
