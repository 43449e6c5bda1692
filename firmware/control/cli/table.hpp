// Text for people: tables with aligned columns, numbers with separators, times since.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::control::cli {

enum class Colour : std::uint8_t { none, bold, dim, green, yellow, red };

// The text in that colour, or plain where `on` is false.
std::string paint(std::string_view text, Colour colour, bool on);

class Table {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    std::size_t most = 0;  // characters; longer is cut with "…"; 0: no limit
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells, Colour colour = Colour::none);
  bool empty() const { return rows_.empty(); }
  // Lines end in a line feed; none is wider than `width` (0: no limit); the last column gives way.
  std::string text(std::size_t width, bool colour) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Colour colour;
  };
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

// How many terminal columns UTF-8 text takes, near enough: code points.
std::size_t columns_of(std::string_view text);
std::string cut(std::string_view text, std::size_t most);
// What may go to a terminal: control characters and broken UTF-8 become '?'.
std::string printable(std::string_view text);

std::string with_separators(std::uint64_t number);  // 1,234,567
std::string short_bytes(double bytes);              // "12.3 MB"
std::string short_number(double number);            // "999", "1.2 k"
std::string since(std::uint64_t seconds);           // "2 h 13 min"
std::string bar(double share, std::size_t width);   // "[####------]"

}  // namespace postern::control::cli
