// One message on its way through: keeps the header section, hashes the body. Feed it the whole message as it
// will be sent (line ends CRLF, no dot stuffing), in chunks cut anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "firmware/dkim/body_hash.hpp"

namespace postern::dkim {

class MessageHash {
 public:
  static constexpr std::size_t kMostHeader = 1u << 20;

  explicit MessageHash(Canonical body = Canonical::relaxed, std::size_t most_header = kMostHeader)
      : body_(body), most_(most_header) {}

  void feed(Bytes bytes);
  // The header section was longer than allowed: the message cannot be signed.
  bool too_long() const { return too_long_; }
  // The header section so far, without the blank line.
  std::string_view header() const { return header_; }
  Canonical form() const { return body_.form(); }
  // After the last byte. A message without a blank line has an empty body.
  Digest finish() { return body_.finish(); }

 private:
  BodyHash body_;
  std::string header_;
  std::size_t most_;
  bool in_body_ = false;
  bool too_long_ = false;
};

}  // namespace postern::dkim
