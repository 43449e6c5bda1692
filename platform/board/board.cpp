// Reads a board file over the board it extends, then checks the whole.
#include "platform/board/board.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "platform/board/check.hpp"
#include "platform/board/overlay.hpp"

namespace postern::board {
namespace {

constexpr std::size_t kLongestName = 32;
constexpr std::size_t kMostParents = 4;
constexpr std::size_t kMostBytes = 64 * 1024;

Result<toml::table, Fault> parse_toml(std::string_view text, std::string_view source) {
  if (text.size() > kMostBytes)
    return fault(std::string(source) + ": is too long for a board file: at most 64 KiB");
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    std::ostringstream line;
    line << source << ": line " << error.source().begin.line << ": " << error.description();
    std::string one_line = line.str();
    std::ranges::replace_if(
        one_line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return fault(std::move(one_line));
  }
}

// Parents first, so that the file itself has the last word.
void read_with_parents(Board& board, std::string_view text, std::string source, const ReadBoard& read_parent,
                       std::size_t depth, Faults& faults, Lines& lines) {
  const auto root = parse_toml(text, source);
  if (!root) return faults.push_back(root.error());
  if (const auto parent = (*root)["extends"].value<std::string>()) {
    if (depth == kMostParents) {
      return faults.push_back(
          Fault{source + ": extends goes more than 4 boards deep, or round in a circle: shorten it"});
    }
    const auto parent_text = read_parent(*parent);
    if (!parent_text) return faults.push_back(Fault{source + ": extends " + parent_text.error().reason});
    read_with_parents(board, *parent_text, "board " + *parent, read_parent, depth + 1, faults, lines);
  }
  overlay(board, *root, std::move(source), faults, lines);
}

Result<std::string, Fault> read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return fault("file " + path.string() + " does not exist");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fault("file " + path.string() + " cannot be read: check its rights");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// Keys and names come from the file and may hold anything; a fault stays one line.
void make_printable(Faults& faults) {
  for (auto& fault : faults) {
    std::ranges::replace_if(
        fault.reason, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  }
}

}  // namespace

Result<Board, Faults> parse(std::string_view text, std::string_view source, const ReadBoard& read_parent) {
  Board board;
  Faults faults;
  Lines lines;
  board.source = source;
  read_with_parents(board, text, std::string(source), read_parent, 0, faults, lines);
  // A file that could not be read in full would only cause faults that are none.
  if (faults.empty()) check(board, lines, faults);
  if (faults.empty()) return board;
  make_printable(faults);
  return tl::unexpected(std::move(faults));
}

Result<Board, Faults> load(std::string_view name_or_file, const std::filesystem::path& root) {
  const ReadBoard by_name = [&root](std::string_view name) -> Result<std::string, Fault> {
    if (!is_name(name)) {
      return fault("\"" + std::string(name.substr(0, kLongestName)) +
                   "\" is not a board's name: use letters, digits, - and _, or a file name with a slash");
    }
    return read_file(root / name / "board.toml");
  };
  const bool is_file = name_or_file.find('/') != std::string_view::npos || name_or_file.ends_with(".toml");
  const auto text = is_file ? read_file(std::filesystem::path(name_or_file)) : by_name(name_or_file);
  if (!text) return tl::unexpected(Faults{Fault{"board: " + text.error().reason}});
  const auto source = is_file ? std::string(name_or_file) : (root / name_or_file / "board.toml").string();
  return parse(*text, source, by_name);
}

}  // namespace postern::board
