// Reads what a server answers: one reply of one or more lines, with its codes. RFC 5321 §4.2, RFC 2034.
//
// A server is foreign: its lines, their number and their length are bounded here, and its words are printable
// when they leave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/smtp/line_buffer.hpp"
#include "platform/base/bytes.hpp"

namespace postern::smtp {

struct Reply {
  std::uint16_t code = 0;          // 200–599
  std::string status;              // "2.1.5", or empty where none was given that fits the code (RFC 3463 §2)
  std::string text;                // all lines as one, printable
  std::vector<std::string> lines;  // the text of each line as it came, for EHLO

  int kind() const { return code / 100; }
};

enum class ReplyKind : std::uint8_t { need_more, reply, malformed };

class ReplyReader {
 public:
  // Takes lines from `input` until a reply is complete. After `malformed` the connection is of no use.
  ReplyKind next(Bytes& input);
  const Reply& reply() const { return reply_; }
  // Nothing of a next reply has come.
  bool empty() const { return line_.empty() && !open_; }

 private:
  bool add_line(std::string_view line);

  LineBuffer line_;
  Reply reply_;
  bool open_ = false;  // lines of a reply came, not its last
  std::size_t bytes_ = 0;
};

}  // namespace postern::smtp
