// Drawing the line that is edited: the fewest bytes that make the screen right. See line_editor.hpp.
#include <algorithm>
#include <utility>

#include "firmware/control/console/line_editor.hpp"

namespace postern::control::console {

namespace {

std::vector<std::string> code_points(std::string_view text) {
  std::vector<std::string> all;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 || all.empty()) all.emplace_back();
    all.back() += c;
  }
  return all;
}

std::size_t count_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void LineEditor::set_screen(std::size_t width, bool plain) {
  width_ = std::max<std::size_t>(width, 20);
  plain_ = plain;
}

// The row as it should be. The last column stays free: there terminals differ in where the cursor goes.
std::vector<std::string> LineEditor::wanted(std::size_t& column) {
  auto row = code_points(prompt_);
  if (row.size() > width_ / 2) row.resize(width_ / 2);
  if (hidden_) {
    column = row.size();
    return row;
  }
  auto points = code_points(text_);
  std::size_t at = 0;
  for (auto& point : points) {
    const auto size = point.size();
    if (at >= mask_from_ && at < mask_until_) point = "*";
    at += size;
  }
  const auto room = width_ - 1 - row.size();
  const auto cursor = count_points(std::string_view(text_).substr(0, cursor_));
  if (points.size() <= room) left_ = 0;
  if (cursor < left_ + (left_ > 0 ? 1 : 0)) left_ = cursor > room / 2 ? cursor - room / 2 : 0;
  if (cursor > left_ + room) left_ = cursor - room / 2;
  column = row.size() + cursor - left_;
  for (auto i = left_; i < std::min(points.size(), left_ + room); ++i)
    row.push_back(i == left_ && left_ > 0 ? "<" : points[i]);
  return row;
}

void LineEditor::move_to(std::size_t column) {
  const auto far = column > column_ ? column - column_ : column_ - column;
  if (column == 0 && far > 1) {
    out_ += '\r';
  } else if (column < column_) {
    if (far <= 3 || plain_) {
      out_.append(far, '\b');
    } else {
      out_ += "\x1b[" + std::to_string(far) + "D";
    }
  } else if (far > 4 && !plain_) {
    out_ += "\x1b[" + std::to_string(far) + "C";
  } else {
    for (auto i = column_; i < column; ++i) out_ += i < row_.size() ? row_[i] : " ";
  }
  column_ = column;
}

// From the first difference on; as far as it goes.
void LineEditor::replace(const std::vector<std::string>& row, std::size_t from) {
  move_to(from);
  std::size_t until = row.size();
  while (until > from && row.size() == row_.size() && row[until - 1] == row_[until - 1]) --until;
  for (auto i = from; i < until; ++i) out_ += row[i];
  column_ = until;
  if (row.size() >= row_.size()) return;
  const auto left = row_.size() - row.size();
  if (!plain_ && left > 3) {
    out_ += "\x1b[K";
  } else {
    out_.append(left, ' ');
    column_ += left;
  }
}

// Text that only moved is moved by the terminal (VT102: insert and delete characters). ECMA-48 §8.3.64,
// §8.3.26.
bool LineEditor::shift(const std::vector<std::string>& row, std::size_t from) {
  const bool grows = row.size() > row_.size();
  const auto by = grows ? row.size() - row_.size() : row_.size() - row.size();
  const auto& longer = grows ? row : row_;
  const auto& shorter = grows ? row_ : row;
  const auto tail = shorter.size() - from;
  if (plain_ || by == 0 || tail < 6) return false;
  if (!std::equal(shorter.begin() + static_cast<std::ptrdiff_t>(from), shorter.end(),
                  longer.begin() + static_cast<std::ptrdiff_t>(from + by)))
    return false;
  move_to(from);
  out_ += "\x1b[" + (by == 1 ? std::string() : std::to_string(by)) + (grows ? "@" : "P");
  if (grows) {
    for (auto i = from; i < from + by; ++i) out_ += row[i];
    column_ = from + by;
  }
  return true;
}

void LineEditor::draw() {
  if (!shown_) return;
  std::size_t column = 0;
  auto row = wanted(column);
  const auto most = std::min(row.size(), row_.size());
  std::size_t from = 0;
  while (from < most && row[from] == row_[from]) ++from;
  if (from < std::max(row.size(), row_.size()) && !shift(row, from)) replace(row, from);
  row_ = std::move(row);
  move_to(column);
}

void LineEditor::hide() {
  if (!shown_) return;
  if (plain_) {
    move_to(0);
    out_ += std::string(row_.size(), ' ') + "\r";
  } else {
    out_ += "\r\x1b[K";
  }
  shown_ = false;
  row_.clear();
  column_ = 0;
}

void LineEditor::show() {
  if (shown_) return;
  shown_ = true;
  draw();
}

void LineEditor::finish() {
  draw();
  out_ += "\r\n";
  shown_ = false;
  row_.clear();
  column_ = 0;
}

std::string LineEditor::take() {
  draw();
  return std::exchange(out_, {});
}

}  // namespace postern::control::console
