// Reads the transcripts under transcripts/: a conversation per file, one claim each.
//
// A line is `key: text`; '#' begins a comment. In texts, "\r", "\n", "\0", "\xHH" and "\\" stand for octets
// and
// "{a*1000}" for a thousand times "a". `key*3: text` is the same line three times. transcripts/README.md
// lists the keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::test {

struct TranscriptLine {
  std::string key;
  std::string text;
  int number = 0;  // in its file
};

struct Transcript {
  std::string name;
  std::vector<TranscriptLine> lines;

  bool has(std::string_view key) const;
  // The text of the first line with that key, or "".
  std::string first(std::string_view key) const;
};

// Every transcript below transcripts/<side>, in order of name.
std::vector<Transcript> load_transcripts(std::string_view side);

// "a=1 b=2" or plain words, cut at spaces.
std::vector<std::string> words(std::string_view text);
// What follows "key=" in one of the words, or "".
std::string word_value(const std::vector<std::string>& all, std::string_view key);

// Compares what was seen with what the transcript expects; "" or what is different. A reply expected as "250
// ..." stands for all lines of one reply with that code, a text that ends in '*' for whatever begins so.
std::string compare(const std::vector<std::string>& expected, const std::vector<std::string>& seen,
                    bool prefix_only);

}  // namespace postern::test
