// Reads one line of a script from left to right.
#pragma once

#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/packet_scripts/script.hpp"

namespace postern::tcp::scripts {

class Cursor {
 public:
  Cursor(std::string_view text, int line) : rest_(text), line_(line) { skip_spaces(); }

  [[noreturn]] void fail(const std::string& why) const {
    throw Fault{line_, why + (rest_.empty() ? ", at the end of the line" : ", at: " + std::string{rest_})};
  }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    skip_spaces();
    return true;
  }
  // A whole word, not the beginning of a longer one.
  bool take_word(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    if (rest_.size() > token.size() && is_word(rest_[token.size()])) return false;
    return take(token);
  }
  void expect(std::string_view token) {
    if (!take(token)) fail("expected `" + std::string{token} + "`");
  }
  std::string word() {
    std::size_t length = 0;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    if (length == 0) fail("expected a word");
    return cut(length);
  }
  std::int64_t number(std::int64_t least, std::int64_t most) {
    const std::size_t sign = peek() == '-' ? 1 : 0;
    std::size_t length = sign;
    while (length < rest_.size() && std::isdigit(static_cast<unsigned char>(rest_[length])) != 0) ++length;
    if (length == sign || length > 15) fail("expected a number");
    const std::int64_t value = std::stoll(std::string{rest_.substr(0, length)});
    if (value < least || value > most) fail("number out of range");
    cut(length);
    return value;
  }
  // Everything up to `end`, which is taken too.
  std::string until(char end) {
    const std::size_t length = rest_.find(end);
    if (length == std::string_view::npos) fail(std::string{"expected `"} + end + "`");
    std::string text = cut_raw(length);
    take(std::string_view{&end, 1});
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  }

 private:
  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
  std::string cut_raw(std::size_t length) {
    std::string text{rest_.substr(0, length)};
    rest_.remove_prefix(length);
    return text;
  }
  std::string cut(std::size_t length) {
    std::string text = cut_raw(length);
    skip_spaces();
    return text;
  }
  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  int line_;
};

}  // namespace postern::tcp::scripts
