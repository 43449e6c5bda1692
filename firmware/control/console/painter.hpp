// A full screen that is drawn again and again: only cells that differ are sent. Pure.
//
// Only what every VT100 knows is used: cursor position, colours, erase to the end of the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::control::console {

class Painter {
 public:
  // Clears the screen with the first frame.
  std::string frame(const std::vector<std::string>& lines, std::size_t columns, std::size_t rows);
  // Puts the cursor below everything; the next frame begins afresh.
  std::string leave();

 private:
  struct Cell {
    std::string text;
    std::string style;  // "1;31", empty: none
    bool operator==(const Cell&) const = default;
  };
  using Row = std::vector<Cell>;
  static Row cells(std::string_view line, std::size_t columns);
  void paint_row(std::size_t number, const Row& row, std::string& out);
  void put(const Row& row, std::size_t from, std::size_t until, std::string& out);

  std::vector<Row> shown_;
  std::string style_;
  std::size_t columns_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace postern::control::console
