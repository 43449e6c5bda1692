// Cuts input into lines that end in CRLF, and tells the ones that are no proper lines. RFC 5321 §2.3.8.
//
// A line that lies whole in the input is handed out as a view into it; only what is cut by the end of the
// input is kept, and never more than the limit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::smtp {

enum class LineKind : std::uint8_t { need_more, line, too_long, bare_cr, bare_lf, nul };

struct Line {
  LineKind kind = LineKind::need_more;
  std::string_view text;  // without CRLF; valid until the next call
};

class LineBuffer {
 public:
  // The next line of at most `limit` bytes with its CRLF. Whatever the kind, the line is taken from `input`
  // up to its LF.
  Line next(Bytes& input, std::size_t limit);
  bool empty() const { return kept_.empty() && !overflow_; }

 private:
  Line judge(std::string_view line);
  void keep(std::string_view part, std::size_t limit);

  std::string kept_;
  bool handed_out_ = false;  // `kept_` was handed out by the last call
  bool overflow_ = false;    // the line under way is over the limit
};

}  // namespace postern::smtp
