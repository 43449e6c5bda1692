#include "tests/firmware/smtp/transcript.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace postern::test {
namespace {

namespace fs = std::filesystem;

std::string with_octets(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case '0':
        out += '\0';
        break;
      case 'x':
        out += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
        i += 2;
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

// "{a*1000}" written out.
std::string with_repeats(std::string text) {
  for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const std::size_t star = text.find('*', open);
    const std::size_t close = text.find('}', open);
    if (star == std::string::npos || close == std::string::npos || close < star) continue;
    const std::string unit = text.substr(open + 1, star - open - 1);
    const int times = std::atoi(text.substr(star + 1, close - star - 1).c_str());
    if (times <= 0) continue;
    std::string all;
    for (int i = 0; i < times; ++i) all += unit;
    text.replace(open, close - open + 1, all);
    open += all.size();
    if (open >= text.size()) break;
  }
  return text;
}

void add_line(Transcript& transcript, const std::string& line, int number) {
  if (line.empty() || line[0] == '#') return;
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) {
    std::fprintf(stderr, "%s:%d: no key\n", transcript.name.c_str(), number);
    std::abort();
  }
  std::string key = line.substr(0, colon);
  std::string text = line.substr(colon + 1);
  if (!text.empty() && text[0] == ' ') text.erase(0, 1);
  int times = 1;
  if (const std::size_t star = key.find('*'); star != std::string::npos) {
    times = std::atoi(key.c_str() + star + 1);
    key.resize(star);
  }
  text = with_octets(with_repeats(std::move(text)));
  for (int i = 0; i < times; ++i) transcript.lines.push_back({key, text, number});
}

fs::path transcripts_root() {
  const char* const root = std::getenv("POSTERN_SOURCE_ROOT");
  return fs::path(root != nullptr ? root : ".") / "tests/firmware/smtp/transcripts";
}

bool matches(const std::string& expected, const std::string& seen) {
  if (!expected.empty() && expected.back() == '*') {
    return seen.compare(0, expected.size() - 1, expected, 0, expected.size() - 1) == 0;
  }
  return expected == seen;
}

// Steps over a whole reply of the code in "S: 250 ..."; false where there is none.
bool skip_reply(const std::string& expected, const std::vector<std::string>& seen, std::size_t& at) {
  const std::string code = expected.substr(0, 6);
  while (at < seen.size() && seen[at].compare(0, 7, code + "-") == 0) ++at;
  return at < seen.size() && seen[at].compare(0, 7, code + " ") == 0 && ++at != 0;
}

}  // namespace

bool Transcript::has(std::string_view key) const {
  return std::any_of(lines.begin(), lines.end(), [key](const auto& line) { return line.key == key; });
}

std::string Transcript::first(std::string_view key) const {
  for (const TranscriptLine& line : lines) {
    if (line.key == key) return line.text;
  }
  return {};
}

std::vector<Transcript> load_transcripts(std::string_view side) {
  std::vector<Transcript> all;
  const fs::path root = transcripts_root() / side;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".txt") continue;
    Transcript transcript;
    transcript.name = fs::relative(entry.path(), root).string();
    std::ifstream file(entry.path());
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) add_line(transcript, line, number);
    all.push_back(std::move(transcript));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space != 0) all.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return all;
}

std::string word_value(const std::vector<std::string>& all, std::string_view key) {
  for (const std::string& word : all) {
    if (word.size() > key.size() && word.compare(0, key.size(), key) == 0 && word[key.size()] == '=') {
      return word.substr(key.size() + 1);
    }
  }
  return {};
}

std::string compare(const std::vector<std::string>& expected, const std::vector<std::string>& seen,
                    bool prefix_only) {
  std::size_t at = 0;
  for (const std::string& want : expected) {
    const bool whole_reply = want.size() == 10 && want.compare(6, 4, " ...") == 0;
    if (whole_reply ? skip_reply(want, seen, at) : at < seen.size() && matches(want, seen[at])) {
      if (!whole_reply) ++at;
      continue;
    }
    return "expected \"" + want + "\", seen " + (at < seen.size() ? "\"" + seen[at] + "\"" : "nothing");
  }
  if (prefix_only || at == seen.size()) return {};
  return "not expected: \"" + seen[at] + "\"";
}

}  // namespace postern::test
