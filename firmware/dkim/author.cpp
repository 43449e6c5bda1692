// Who wrote the message: the first mailbox of the From field. RFC 5322 §3.4.
#include "firmware/dkim/keyring.hpp"
#include "firmware/mail/domain.hpp"
#include "firmware/mail/header.hpp"

namespace postern::dkim {
namespace {

// Walks over quoted strings and comments, and stops at the first character of `stops` outside of them.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  // The text before the stop, comments left out, quoted strings replaced by one 'q'.
  std::string until(std::string_view stops) {
    std::string out;
    while (at_ < text_.size() && stops.find(text_[at_]) == std::string_view::npos) {
      const char c = text_[at_];
      if (c == '"') {
        skip_quoted();
        out += 'q';
      } else if (c == '(') {
        skip_comment();
      } else {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
        ++at_;
      }
    }
    return out;
  }
  char take() { return at_ < text_.size() ? text_[at_++] : '\0'; }

 private:
  void skip_quoted() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_comment() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '(') {
        ++depth;
      } else if (text_[at_] == ')' && --depth == 0) {
        ++at_;
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The text of the first address: what stands in angle brackets, or else all before a comma. A group's name
// ends in a colon (RFC 5322 §3.4; From may hold groups since RFC 6854).
std::string first_address(std::string_view body) {
  Walker walker(body);
  while (true) {
    const auto before = walker.until("<,:;");
    const char stop = walker.take();
    if (stop == '<') return walker.until(">");
    if (stop == ':') continue;
    if (!before.empty() || stop == '\0') return before;
  }
}

}  // namespace

std::string author_domain(std::string_view header_section) {
  mail::HeaderField field;
  if (!mail::find_header(header_section, "From", field)) return {};
  const auto address = first_address(field.body);
  const auto at = address.rfind('@');
  if (at == std::string::npos) return {};
  auto domain = mail::to_a_labels(std::string_view(address).substr(at + 1));
  return mail::is_domain(domain, false) ? domain : std::string();
}

}  // namespace postern::dkim
