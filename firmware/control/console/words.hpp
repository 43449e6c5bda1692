// A command line as words: quotes, and pipes between parts. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::control::console {

struct Word {
  std::string text;      // without its quotes
  std::size_t from = 0;  // where it is in the line
  std::size_t until = 0;
};

// Parts of a line, cut at each '|' outside of quotes. There is always at least one, perhaps without words.
struct Line {
  std::vector<std::vector<Word>> parts{1};
  bool open = false;    // the last quote has no end
  bool inside = false;  // the line ends within a word
};

// Within quotes a backslash takes the next character as it is.
Line split_line(std::string_view line);

// Written so that split_line gives it back.
std::string quote_word(std::string_view word);

std::vector<std::string> texts(const std::vector<Word>& words);

}  // namespace postern::control::console
