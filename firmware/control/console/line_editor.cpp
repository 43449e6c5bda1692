// Editing a line: see the header. Drawing it is in line_drawing.cpp.
#include "firmware/control/console/line_editor.hpp"

#include <algorithm>

namespace postern::control::console {

namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

bool in_word(char c) {
  return c != ' ' && c != '.' && c != '|';
}

}  // namespace

void LineEditor::begin(std::string prompt, bool hidden) {
  prompt_ = std::move(prompt);
  hidden_ = hidden;
  wipe();
  mask_from_ = kAll;
  left_ = 0;
  row_.clear();
  column_ = 0;
  shown_ = true;
  draw();
}

void LineEditor::wipe() {
  std::fill(text_.begin(), text_.end(), '\0');
  text_.clear();
  cursor_ = 0;
}

void LineEditor::insert(std::string_view text) {
  if (text_.size() + text.size() > kMostBytes) return;
  text_.insert(cursor_, text);
  cursor_ += text.size();
}

void LineEditor::set_text(std::string text) {
  text_ = std::move(text);
  if (text_.size() > kMostBytes) text_.clear();
  cursor_ = text_.size();
}

void LineEditor::mask(std::size_t from, std::size_t until) {
  mask_from_ = from;
  mask_until_ = until;
}

bool LineEditor::key(const Key& key) {
  switch (key.kind) {
    case Key::Kind::character:
      return insert(key.text), true;
    case Key::Kind::backspace:
      return erase(before(cursor_), cursor_), true;
    case Key::Kind::erase:
      return erase(cursor_, after(cursor_)), true;
    case Key::Kind::left:
      return cursor_ = before(cursor_), true;
    case Key::Kind::right:
      return cursor_ = after(cursor_), true;
    case Key::Kind::home:
      return cursor_ = 0, true;
    case Key::Kind::end:
      return cursor_ = text_.size(), true;
    case Key::Kind::word_left:
      return cursor_ = word_before(cursor_), true;
    case Key::Kind::word_right:
      return cursor_ = word_after(cursor_), true;
    case Key::Kind::kill_end:
      return erase(cursor_, text_.size()), true;
    case Key::Kind::kill_line:
      return erase(0, cursor_), true;
    case Key::Kind::kill_word:
      return erase(word_before(cursor_), cursor_), true;
    default:
      return false;
  }
}

void LineEditor::erase(std::size_t from, std::size_t until) {
  text_.erase(from, until - from);
  cursor_ = from;
}

std::size_t LineEditor::before(std::size_t at) const {
  if (at == 0) return 0;
  do {
    --at;
  } while (at > 0 && continues(text_[at]));
  return at;
}

std::size_t LineEditor::after(std::size_t at) const {
  if (at >= text_.size()) return text_.size();
  do {
    ++at;
  } while (at < text_.size() && continues(text_[at]));
  return at;
}

std::size_t LineEditor::word_before(std::size_t at) const {
  while (at > 0 && !in_word(text_[at - 1])) --at;
  while (at > 0 && in_word(text_[at - 1])) --at;
  return at;
}

std::size_t LineEditor::word_after(std::size_t at) const {
  while (at < text_.size() && !in_word(text_[at])) ++at;
  while (at < text_.size() && in_word(text_[at])) ++at;
  return at;
}

}  // namespace postern::control::console
