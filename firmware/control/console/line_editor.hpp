// One line of text on a terminal, edited by keys. It keeps what the screen shows, and sends only the
// difference: at 9600 baud a byte takes a millisecond.
//
// The line never takes more than one row: a longer one is shown in part. Each code point counts as one
// column. A plain terminal (one that answered nothing) gets no escape sequence. Masked text is never sent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/console/keys.hpp"

namespace postern::control::console {

class LineEditor {
 public:
  static constexpr std::size_t kMostBytes = 4096;
  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);

  void set_screen(std::size_t width, bool plain);
  // A fresh line at the left margin. `hidden`: nothing of what is typed is shown, not even how much.
  void begin(std::string prompt, bool hidden);
  // True where the key was for this room.
  bool key(const Key& key);
  void insert(std::string_view text);
  void set_text(std::string text);
  void wipe();

  const std::string& text() const { return text_; }
  std::size_t cursor() const { return cursor_; }
  // Bytes from `from` up to `until` are shown as '*'.
  void mask(std::size_t from, std::size_t until = kAll);

  // Takes the row from the screen, and puts it back: what is printed in between stands above it.
  void hide();
  void show();
  // Leaves the row where it is and goes to the next.
  void finish();
  bool shown() const { return shown_; }

  // What has to be sent so that the screen is right.
  std::string take();

 private:
  std::vector<std::string> wanted(std::size_t& column);
  void draw();
  void move_to(std::size_t column);
  void replace(const std::vector<std::string>& row, std::size_t from);
  bool shift(const std::vector<std::string>& row, std::size_t from);
  void erase(std::size_t from, std::size_t until);
  std::size_t before(std::size_t at) const;
  std::size_t after(std::size_t at) const;
  std::size_t word_before(std::size_t at) const;
  std::size_t word_after(std::size_t at) const;

  std::string prompt_;
  std::string text_;
  std::size_t cursor_ = 0;  // a byte of text_
  std::size_t mask_from_ = kAll;
  std::size_t mask_until_ = kAll;
  bool hidden_ = false;
  std::size_t width_ = 80;
  bool plain_ = false;
  bool shown_ = false;
  std::size_t left_ = 0;            // first code point of the text that is visible
  std::vector<std::string> row_{};  // what the screen shows, one code point each
  std::size_t column_ = 0;          // where its cursor is
  std::string out_;
};

}  // namespace postern::control::console
