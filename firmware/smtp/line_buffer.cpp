#include "firmware/smtp/line_buffer.hpp"

#include <cstring>

namespace postern::smtp {

Line LineBuffer::judge(std::string_view line) {
  line.remove_suffix(1);
  if (line.empty() || line.back() != '\r') return {LineKind::bare_lf, {}};
  line.remove_suffix(1);
  if (line.find('\0') != std::string_view::npos) return {LineKind::nul, {}};
  if (line.find('\r') != std::string_view::npos) return {LineKind::bare_cr, {}};
  return {LineKind::line, line};
}

void LineBuffer::keep(std::string_view part, std::size_t limit) {
  overflow_ = overflow_ || kept_.size() + part.size() > limit;
  if (!overflow_) kept_ += part;
}

Line LineBuffer::next(Bytes& input, std::size_t limit) {
  if (handed_out_) kept_.clear();
  handed_out_ = false;
  if (input.empty()) return {};
  const void* const found = std::memchr(input.data(), '\n', input.size());
  const std::size_t length =
      found == nullptr ? input.size()
                       : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - input.data()) + 1;
  const std::string_view part = as_text(input.first(length));
  input = input.subspan(length);
  if (found != nullptr && empty() && length <= limit) return judge(part);
  keep(part, limit);
  if (found == nullptr) return {};
  handed_out_ = true;
  if (!overflow_) return judge(kept_);
  overflow_ = false;
  return {LineKind::too_long, {}};
}

}  // namespace postern::smtp
