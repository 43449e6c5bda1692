// What stands behind '|': filters of lines. Pure; lines come one by one, so an endless source can be
// filtered.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/console/grammar.hpp"
#include "firmware/control/console/words.hpp"

namespace postern::control::console {

struct Pipe {
  enum class Kind : std::uint8_t { match, except, begin, last, count, json, no_more };
  Kind kind = Kind::match;
  std::string text;
  std::size_t number = 0;
};

// The fault says what there is.
Result<std::vector<Pipe>, Fault> read_pipes(std::span<const std::vector<Word>> parts);
std::vector<Candidate> expect_pipe(std::span<const std::string> words, std::string_view partial);

bool wants_json(std::span<const Pipe> pipes);
bool wants_no_pager(std::span<const Pipe> pipes);

class Filter {
 public:
  static constexpr std::size_t kMostLast = 1000;

  explicit Filter(std::vector<Pipe> pipes = {});
  // Lines that come out, for a line that goes in and at the end.
  std::vector<std::string> line(std::string text);
  std::vector<std::string> end();

 private:
  struct Stage {
    Pipe pipe;
    bool begun = false;
    std::size_t count = 0;
    std::deque<std::string> kept{};
  };
  void push(std::size_t stage, std::string text, std::vector<std::string>& out);

  std::vector<Stage> stages_;
};

}  // namespace postern::control::console
