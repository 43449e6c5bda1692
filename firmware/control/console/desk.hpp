// One terminal and whoever sits at it: what is on its screen, who gets the next key, and which questions are
// out. The flows of the console (login, menu, command line, monitors) are written in its services.
//
// Pure: bytes, answers and instants come in; bytes for the screen and requests go out. At any time exactly
// one of these has the keys: a line that is edited, the pager, a full screen, or nobody (keys wait then; only
// Ctrl-C is heard at once). What is printed or announced never lands within a line that is edited.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/console/grammar.hpp"
#include "firmware/control/console/keys.hpp"
#include "firmware/control/console/line_editor.hpp"
#include "firmware/control/console/pipes.hpp"
#include "platform/base/time.hpp"

namespace postern::control::console {

struct Request {
  enum class Kind : std::uint8_t {
    door,     // a question to postern-control
    account,  // {"do": ...}: who may log in here
    box,      // {"do": ...}: what only the machine knows: its addresses, a random code
    program,  // {"words": [...]}: a command of `postern`; its output comes in pieces
    stop,     // the program of that ticket is not wanted any more
    leave,    // the person has gone: hang up, or show the first screen again
  };
  Kind kind = Kind::door;
  std::uint64_t ticket = 0;
  Json body{};
};

class Desk {
 public:
  static constexpr std::size_t kMostWaitingKeys = 65536;
  static constexpr std::size_t kMostLines = 4096;  // that wait for the pager
  static constexpr std::size_t kMostLine = 2048;   // bytes of one line

  // From outside.
  void bytes(std::string_view bytes, Instant now);
  void answer(std::uint64_t ticket, const Json& answer);
  void output(std::uint64_t ticket, std::string_view bytes);
  void tick(Instant now);
  void sized(std::size_t columns, std::size_t rows);

  // To outside.
  std::string take_screen();
  std::vector<Request> take_requests() { return std::exchange(requests_, {}); }
  // False while the pager is full: a program has to wait with its output.
  bool wants_output() const { return paper_.lines.size() < kMostLines / 2; }

  // What flows are written in.
  using OnAnswer = std::function<void(const Json&)>;
  using OnText = std::function<void(std::string)>;
  using Then = std::function<void()>;

  std::uint64_t ask(Request::Kind kind, Json body, OnAnswer then);
  std::uint64_t run(std::vector<std::string> words, OnText line, OnAnswer end);
  void tell(Request::Kind kind) { requests_.push_back({kind, 0, {}}); }
  void stop(std::uint64_t ticket);
  // Answers that are still to come concern nobody any more.
  void forget();

  void print(std::string_view text);
  void announce(std::string_view line);

  struct Prompt {
    std::string text{};
    bool hidden = false;
    OnText entered{};
    Then left{};                            // Ctrl-C, or Ctrl-D on an empty line; none: stays
    std::function<void()> changed{};        // after every key
    std::function<bool(const Key&)> key{};  // keys that mean something here: tab, '?', up
  };
  void prompt(Prompt prompt);
  LineEditor& editor() { return editor_; }
  const LineEditor& editor() const { return editor_; }
  // As if Enter were pressed now.
  void enter();
  // Keys wait until somebody has them again. `stopped`: what Ctrl-C does meanwhile.
  void busy(Then stopped = {});

  // Text in pages; `stopped`: the person has seen enough. After end_pages() and the last page: `done`.
  void begin_pages(std::vector<Pipe> pipes, Then stopped, Then done);
  void page(std::string line);
  void page_text(std::string_view text);
  void end_pages();

  // The whole screen, for `drawn` bytes; keys go to `key` until leave_full().
  void begin_full(std::function<void(const Key&)> key);
  void draw(std::string_view bytes) { out_ += bytes; }
  void leave_full();
  bool full() const { return focus_ == Focus::full; }

  void ask_size();
  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return rows_; }
  bool plain() const { return plain_; }
  Look look() const { return {columns_ - 1, !plain_}; }
  Instant now() const { return now_; }
  Instant last_key() const { return last_key_; }

 private:
  enum class Focus : std::uint8_t { nobody, prompt, more, full };
  struct Pending {
    OnAnswer answer;
    OnText line;
    std::string rest;
  };
  struct Paper {
    bool open = false;
    bool ended = false;
    bool all = false;  // no pager
    std::deque<std::string> lines{};
    std::size_t room = 0;
    Filter filter{};
    Then stopped{};
    Then done{};
  };

  void hear(const Key& key);
  void work();
  void prompt_key(const Key& key);
  void more_key(const Key& key);
  void flow();
  void close_pages();
  void put_line(std::string_view line);
  void interrupt();
  std::size_t rows_of(std::string_view line) const;

  KeyReader reader_;
  LineEditor editor_;
  Focus focus_ = Focus::nobody;
  Prompt prompt_;
  bool pasting_ = false;
  bool literal_ = false;
  std::deque<Key> keys_;
  Then stopped_;
  std::function<void(const Key&)> full_;
  Paper paper_;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t next_ticket_ = 1;
  std::vector<Request> requests_;
  std::vector<std::string> later_;  // announcements that a full screen keeps back
  std::string out_;
  std::size_t columns_ = 80;
  std::size_t rows_ = 24;
  bool plain_ = true;
  Instant now_{};
  Instant last_key_{};
};

// What may go to a terminal: printable text and colours.
std::string harmless(std::string_view text);

}  // namespace postern::control::console
