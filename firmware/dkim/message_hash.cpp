#include "firmware/dkim/message_hash.hpp"

#include <algorithm>

namespace postern::dkim {

void MessageHash::feed(Bytes bytes) {
  if (in_body_ || too_long_) {
    if (!too_long_) body_.feed(bytes);
    return;
  }
  // The blank line may lie across the cut, so three bytes are looked at again.
  const std::size_t from = header_.size() < 3 ? 0 : header_.size() - 3;
  const std::size_t before = header_.size();
  header_.append(as_text(bytes.first(std::min(bytes.size(), most_ + 4 - std::min(before, most_)))));
  std::size_t end = std::string::npos;
  std::size_t skipped = 0;
  if (header_.starts_with("\r\n")) {
    end = 0;  // RFC 5322 §2.1: no header at all
    skipped = 2;
  } else if (const auto blank = header_.find("\r\n\r\n", from); blank != std::string::npos) {
    end = blank + 2;
    skipped = blank + 4;
  }
  if (end == std::string::npos || end > most_) {
    too_long_ = header_.size() > most_;
    if (too_long_) header_.clear();
    return;
  }
  header_.resize(end);
  in_body_ = true;
  body_.feed(bytes.subspan(skipped - before));
}

}  // namespace postern::dkim
