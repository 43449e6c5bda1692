// What a VT100 would show: enough of one to read the console's output as a person does. For tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace postern::control::console {

class Screen {
 public:
  explicit Screen(std::size_t columns = 80, std::size_t rows = 24)
      : columns_(columns), rows_(rows, Row(columns, " ")) {}

  void put(std::string_view bytes) {
    for (const char c : bytes) byte(c);
  }
  // Without blanks at the end.
  std::string row(std::size_t number) const {
    std::string text;
    for (const auto& cell : rows_[number]) text += cell;
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
  }
  std::string current() const { return row(y_); }
  std::size_t column() const { return x_; }
  std::string all() const {
    std::string text;
    for (std::size_t i = 0; i < rows_.size(); ++i) text += row(i) + "\n";
    return text;
  }
  bool shows(std::string_view text) const { return all().find(text) != std::string::npos; }

 private:
  using Row = std::vector<std::string>;

  void byte(char c) {
    if (!sequence_.empty()) return in_sequence(c);
    if (c == 0x1b) {
      sequence_ = c;
    } else if (c == '\r') {
      x_ = 0;
    } else if (c == '\b') {
      x_ -= x_ > 0 ? 1 : 0;
    } else if (c == '\n') {
      if (++y_ == rows_.size()) {
        rows_.erase(rows_.begin());
        rows_.emplace_back(columns_, " ");
        --y_;
      }
    } else if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) {
      if (x_ > 0) rows_[y_][x_ - 1] += c;
    } else if (static_cast<unsigned char>(c) >= 0x20 && x_ < columns_) {
      rows_[y_][x_++] = std::string(1, c);
    }
  }

  void in_sequence(char c) {
    sequence_ += c;
    if (sequence_.size() == 2 && c == '[') return;
    if (sequence_.size() == 2 || (c >= '@' && c <= '~')) {
      if (sequence_.size() > 2) act(c);
      sequence_.clear();
    }
  }

  void act(char c) {
    std::size_t first = 0;
    std::size_t second = 0;
    std::size_t* number = &first;
    for (const char digit : sequence_.substr(2)) {
      if (digit == ';') number = &second;
      if (digit >= '0' && digit <= '9') *number = *number * 10 + static_cast<std::size_t>(digit - '0');
    }
    const auto count = std::max<std::size_t>(1, first);
    auto& row = rows_[y_];
    const auto at = row.begin() + static_cast<std::ptrdiff_t>(std::min(x_, columns_));
    if (c == 'C') x_ = std::min(columns_ - 1, x_ + count);
    if (c == 'D') x_ -= std::min(x_, count);
    if (c == 'K') std::fill(at, row.end(), " ");
    if (c == '@') row.insert(at, count, " "), row.resize(columns_);
    if (c == 'P')
      row.erase(at, row.begin() + static_cast<std::ptrdiff_t>(std::min(columns_, x_ + count))),
          row.resize(columns_, " ");
    if (c == 'H' && first < 900)
      y_ = std::min(rows_.size(), count) - 1, x_ = std::min(columns_, std::max<std::size_t>(1, second)) - 1;
    if (c == 'J') std::fill(rows_.begin(), rows_.end(), Row(columns_, " "));
  }

  std::size_t columns_;
  std::vector<Row> rows_;
  std::size_t x_ = 0;
  std::size_t y_ = 0;
  std::string sequence_;
};

}  // namespace postern::control::console
