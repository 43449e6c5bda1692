// Text for people: see the header.
#include "firmware/control/cli/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace postern::control::cli {

namespace {

constexpr std::string_view kGap = "  ";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Bytes of the whole UTF-8 sequence at the front; 0 where it is none. RFC 3629 §4.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xc2 && first < 0xe0 ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return length;
}

std::string padded(const std::string& cell, std::size_t width, Table::Align align) {
  const auto have = columns_of(cell);
  const std::string fill(width > have ? width - have : 0, ' ');
  return align == Table::Align::right ? fill + cell : cell + fill;
}

std::string scaled(double value, double step, std::string_view units) {
  std::size_t unit = 0;
  while (value >= step && unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || value >= 100 ? "%.0f" : "%.1f", value);
  return unit == 0 ? text.data() : std::string(text.data()) + " " + units[unit];
}

}  // namespace

std::string paint(std::string_view text, Colour colour, bool on) {
  static constexpr std::array<std::string_view, 6> kCodes{"",         "\x1b[1m",  "\x1b[2m",
                                                          "\x1b[32m", "\x1b[33m", "\x1b[31m"};
  if (!on || colour == Colour::none) return std::string(text);
  return std::string(kCodes[static_cast<std::size_t>(colour)]) + std::string(text) + "\x1b[0m";
}

void Table::add(std::vector<std::string> cells, Colour colour) {
  cells.resize(columns_.size());
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back({std::move(cells), colour});
}

std::string Table::text(std::size_t width, bool colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = columns_of(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, columns_of(row.cells[i]));
    widths.push_back(columns_[i].most == 0 ? widest : std::min(widest, columns_[i].most));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += (i == 0 ? std::string_view{} : kGap);
      text += padded(cut(cells[i], widths[i]), widths[i], columns_[i].align);
    }
    text.resize(text.find_last_not_of(' ') + 1);
    return width == 0 ? text : cut(text, width);
  };
  std::vector<std::string> titles;
  for (const auto& column : columns_) titles.push_back(column.title);
  std::string all = paint(line(titles), Colour::bold, colour) + "\n";
  for (const auto& row : rows_) all += paint(line(row.cells), row.colour, colour) + "\n";
  return all;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string cut(std::string_view text, std::size_t most) {
  if (columns_of(text) <= most) return std::string(text);
  std::size_t at = 0;
  for (std::size_t shown = 0; at < text.size(); ++at) {
    if (!is_continuation(text[at]) && shown++ + 1 >= most) break;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto length = sequence_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control = first < 0x20 || first == 0x7f ||
                         (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
    if (length == 0 || control) {
      result += '?';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string with_separators(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string short_bytes(double bytes) {
  return scaled(bytes, 1000, " kMGT") + (bytes < 1000 ? " B" : "B");
}

std::string short_number(double number) {
  if (number > 0 && number < 10) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", number);
    return text.data();
  }
  return number < 100'000 ? with_separators(static_cast<std::uint64_t>(number + 0.5))
                          : scaled(number, 1000, " kMGT");
}

std::string since(std::uint64_t seconds) {
  const auto minutes = seconds / 60;
  const auto hours = minutes / 60;
  const auto days = hours / 24;
  if (days > 0) return std::to_string(days) + " d " + std::to_string(hours % 24) + " h";
  if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
  if (minutes > 0) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

std::string bar(double share, std::size_t width) {
  const auto filled =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width) + 0.5);
  return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

}  // namespace postern::control::cli
