// Puts message text into the form that goes out: whole line ends, and for DATA doubled dots. RFC 5321 §2.3.8,
// §4.5.2.
//
// Nothing leaves that a server could take for the end of the message: every CR and LF goes out as CRLF,
// whatever came in, and NUL as a space.
#pragma once

#include <string>

#include "firmware/smtp/clean_run.hpp"
#include "platform/base/bytes.hpp"

namespace postern::smtp {

class TextWriter {
 public:
  TextWriter() = default;
  // `dots`: for DATA. BDAT counts its bytes and doubles nothing.
  explicit TextWriter(bool dots) : dots_(dots) {}

  void write(Bytes text, std::string& out);
  // Ends the last line where it is open; for DATA also the message.
  void end(std::string& out);
  // Something was no proper text and had to be changed.
  bool mended() const { return mended_; }

 private:
  void put(std::uint8_t c, std::string& out);
  void put_cr_or_lf(std::uint8_t c, std::string& out);

  LinePosition position_;
  bool dots_ = true;
  bool mended_ = false;
};

}  // namespace postern::smtp
