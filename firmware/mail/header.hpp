// The header section of a message: watched while it streams by, and read once it is in one piece.
//
// HeaderWatch sees the bytes in chunks cut anywhere and allocates nothing; HeaderReader walks over a section
// that is complete in memory. Lines end in CRLF; the reader also takes bare LF, because what it reads may be
// an original message of any shape. RFC 5322 §2.2.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::mail {

// Counts the bytes of the header section and its Received fields, and sees what it says about TLS.
class HeaderWatch {
 public:
  // The next bytes of the message. Once over() holds, calls do nothing.
  void feed(Bytes bytes);

  // The blank line, or a line that cannot belong to a header section, was seen.
  bool over() const { return state_ == State::over; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint32_t received() const { return received_; }
  // "TLS-Required: No", and said once only (RFC 8689 §5).
  bool tls_required_no() const;
  // It has a TLS-Report-Domain field (RFC 8460 §5.3).
  bool tls_report() const { return tls_report_; }

 private:
  enum class State : std::uint8_t { line_start, name, name_end, value, wish, blank_cr, over };

  State step(char c);
  State line_start(char c);
  State name(char c);
  State name_over();
  State wish(char c);

  State state_ = State::line_start;
  std::array<char, 18> name_{};   // of the field, lower case, as far as it fits
  std::uint8_t name_length_ = 0;  // one more than fits: longer
  bool in_wish_ = false;          // the field is TLS-Required
  std::array<char, 3> wish_{};    // its value without white space, as far as it fits
  std::uint8_t wish_length_ = 0;
  bool tls_report_ = false;
  std::uint32_t received_ = 0;
  std::uint64_t bytes_ = 0;
};

// One field: `raw` is the whole of it with its folds and line ends, `body` what follows the colon.
struct HeaderField {
  std::string_view name;
  std::string_view body;
  std::string_view raw;

  // The body with folds taken out (RFC 5322 §2.2.3), and white space at both ends.
  std::string unfolded() const;
};

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view message) : rest_(message), whole_(message) {}

  // The next field; false at the end of the section.
  bool next(HeaderField& field);
  // Length of what was read: after next() returned false, that of the header section without the blank line.
  std::size_t consumed() const { return whole_.size() - rest_.size(); }

 private:
  std::string_view rest_;
  std::string_view whole_;
};

// The first field of that name, or false. ASCII case does not matter.
bool find_header(std::string_view message, std::string_view name, HeaderField& field);
// The header section at the front of `message`, without the blank line.
std::string_view header_section(std::string_view message);

}  // namespace postern::mail
