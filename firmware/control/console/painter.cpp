// Only cells that differ are sent: see the header.
#include "firmware/control/console/painter.hpp"

#include <algorithm>

namespace postern::control::console {

namespace {

// Moving the cursor costs about as much as this many cells that are right already.
constexpr std::size_t kCheapGap = 8;

bool is_blank(const std::string& text, const std::string& style) {
  return text == " " && style.empty();
}

}  // namespace

Painter::Row Painter::cells(std::string_view line, std::size_t columns) {
  Row row;
  std::string style;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == 0x1b) {
      const auto end = line.find('m', i);
      if (end == std::string_view::npos || end < i + 2) break;
      const auto code = line.substr(i + 2, end - i - 2);
      style = code == "0" ? std::string() : style + (style.empty() ? "" : ";") + std::string(code);
      if (style.size() > 16) style.clear();
      i = end;
    } else if ((static_cast<unsigned char>(line[i]) & 0xc0) == 0x80 && !row.empty()) {
      row.back().text += line[i];
    } else if (row.size() < columns) {
      const auto c = static_cast<unsigned char>(line[i]);
      row.push_back({c < 0x20 || c == 0x7f ? "?" : std::string(1, line[i]), style});
    } else {
      break;
    }
  }
  while (!row.empty() && is_blank(row.back().text, row.back().style)) row.pop_back();
  return row;
}

void Painter::put(const Row& row, std::size_t from, std::size_t until, std::string& out) {
  for (auto i = from; i < until; ++i) {
    const Cell blank{" ", {}};
    const auto& cell = i < row.size() ? row[i] : blank;
    if (cell.style != style_) {
      out += "\x1b[0" + (cell.style.empty() ? "" : ";" + cell.style) + "m";
      style_ = cell.style;
    }
    out += cell.text;
  }
}

void Painter::paint_row(std::size_t number, const Row& row, std::string& out) {
  auto& old = shown_[number];
  const Cell blank{" ", {}};
  const auto cell = [&](const Row& of, std::size_t i) -> const Cell& {
    return i < of.size() ? of[i] : blank;
  };
  const bool erase = old.size() > row.size() + kCheapGap;
  const auto until = erase ? row.size() : std::max(row.size(), old.size());
  std::size_t cursor = static_cast<std::size_t>(-1);
  for (std::size_t i = 0; i < until; ++i) {
    if (cell(old, i) == cell(row, i)) continue;
    if (cursor == static_cast<std::size_t>(-1) || i - cursor > kCheapGap) {
      out += "\x1b[" + std::to_string(number + 1) + ";" + std::to_string(i + 1) + "H";
      cursor = i;
    }
    put(row, cursor, i + 1, out);
    cursor = i + 1;
  }
  if (erase) {
    if (!style_.empty()) out += "\x1b[0m";
    style_.clear();
    out += "\x1b[" + std::to_string(number + 1) + ";" + std::to_string(row.size() + 1) + "H\x1b[K";
  }
  old = row;
}

std::string Painter::frame(const std::vector<std::string>& lines, std::size_t columns, std::size_t rows) {
  std::string out;
  if (columns != columns_ || rows != rows_ || shown_.empty()) {
    columns_ = columns;
    rows_ = rows;
    shown_.assign(rows, {});
    style_.clear();
    out += "\x1b[0m\x1b[H\x1b[2J";
  }
  // The last column stays free: there terminals differ in where the cursor goes.
  for (std::size_t i = 0; i < rows; ++i)
    paint_row(i, i < lines.size() ? cells(lines[i], columns - 1) : Row{}, out);
  if (!style_.empty()) out += "\x1b[0m";
  style_.clear();
  return out;
}

std::string Painter::leave() {
  if (shown_.empty()) return {};
  shown_.clear();
  return "\x1b[0m\x1b[" + std::to_string(rows_) + ";1H\r\n";
}

}  // namespace postern::control::console
