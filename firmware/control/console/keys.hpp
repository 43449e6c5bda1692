// Bytes from a terminal become keys: VT100 and xterm sequences, UTF-8, pasted text, the terminal's own
// reports.
//
// Nothing is drawn or waited for here. Whatever is no key is dropped; a sequence that never ends is given up
// after kMostSequence bytes. ECMA-48 §5.4 (control sequences), RFC 3629 §4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::control::console {

struct Key {
  enum class Kind : std::uint8_t {
    character,  // `text` is one UTF-8 sequence
    enter,
    tab,
    backspace,
    erase,
    left,
    right,
    up,
    down,
    home,
    end,
    word_left,
    word_right,
    kill_end,
    kill_line,
    kill_word,
    interrupt,
    end_of_input,
    redraw,
    literal,  // the next key stands for itself
    escape,
    page_up,
    page_down,
    paste_begins,
    paste_ends,
    size,   // the terminal told where its lower right corner is
    pause,  // Ctrl-S, Ctrl-Q: flow control that got through
  };
  Kind kind = Kind::character;
  std::string text{};
  std::size_t rows = 0;
  std::size_t columns = 0;
};

class KeyReader {
 public:
  static constexpr std::size_t kMostSequence = 32;

  void feed(std::string_view bytes, std::vector<Key>& into);
  // Some time has passed since the last byte: an escape that nothing follows is the key itself.
  void rest(std::vector<Key>& into);
  bool half() const { return !sequence_.empty(); }

 private:
  void byte(char c, std::vector<Key>& into);
  void in_sequence(char c, std::vector<Key>& into);
  void in_character(char c, std::vector<Key>& into);
  void control_sequence(std::vector<Key>& into);

  std::string sequence_;  // an unfinished escape sequence or UTF-8 character
  std::size_t want_ = 0;  // bytes of the UTF-8 character
  bool after_return_ = false;
};

}  // namespace postern::control::console
