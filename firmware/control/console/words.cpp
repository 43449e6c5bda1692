// A command line as words: see the header.
#include "firmware/control/console/words.hpp"

namespace postern::control::console {

namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Line split() {
    for (at_ = 0; at_ < text_.size(); ++at_) take(text_[at_]);
    line_.inside = in_word_;
    line_.open = in_quotes_;
    close();
    return std::move(line_);
  }

 private:
  void take(char c) {
    if (in_quotes_) return quoted_character(c);
    if (c == '"') {
      open();
      in_quotes_ = true;
    } else if (c == ' ' || c == '\t') {
      close();
    } else if (c == '|') {
      close();
      line_.parts.emplace_back();
    } else {
      open();
      line_.parts.back().back().text += c;
    }
  }

  void quoted_character(char c) {
    if (c == '"') {
      in_quotes_ = false;
      return;
    }
    if (c == '\\' && at_ + 1 < text_.size()) c = text_[++at_];
    line_.parts.back().back().text += c;
  }

  void open() {
    if (!in_word_) line_.parts.back().push_back({{}, at_, at_});
    in_word_ = true;
  }

  void close() {
    if (in_word_) line_.parts.back().back().until = at_;
    in_word_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Line line_;
  bool in_word_ = false;
  bool in_quotes_ = false;
};

}  // namespace

Line split_line(std::string_view line) {
  return Splitter(line).split();
}

std::string quote_word(std::string_view word) {
  if (!word.empty() && word.find_first_of(" \t|\"?") == std::string_view::npos) return std::string(word);
  std::string all = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') all += '\\';
    all += c;
  }
  return all + "\"";
}

std::vector<std::string> texts(const std::vector<Word>& words) {
  std::vector<std::string> all;
  for (const auto& word : words) all.push_back(word.text);
  return all;
}

}  // namespace postern::control::console
