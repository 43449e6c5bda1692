// Reads keys of one TOML table and collects what is wrong with them; used by board.cpp only.
//
// Holds: every key of a table is asked for by name or refused by `finish`, so a misspelt key never goes
// unnoticed, and a bad value leaves the field as it was and one line in `faults`.
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "platform/board/board.hpp"

namespace postern::board {

// What was said where: "[cores] data" -> "board.toml: line 7". A later file's line replaces its parent's.
using Lines = std::map<std::string, std::string, std::less<>>;

class Reader {
 public:
  Reader(const toml::table& table, std::string source, std::string section, Faults& faults, Lines& lines);

  void text(std::string_view key, std::string& field, std::size_t longest);
  void flag(std::string_view key, bool& field);
  template <typename T>
  void number(std::string_view key, T& field, std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    if (whole_number(key, value, least, most)) field = static_cast<T>(value);
  }
  void numbers(std::string_view key, std::vector<std::uint16_t>& field, std::int64_t least,
               std::int64_t most);
  // A list of texts, or one text alone.
  void texts(std::string_view key, std::vector<std::string>& field, std::size_t most, std::size_t longest);
  // One of a few words, separated by spaces.
  void choice(std::string_view key, std::string& field, std::string_view words);
  // The table or array under `key`, or nullptr; a value of another type is a fault.
  const toml::table* table(std::string_view key);
  const toml::array* array(std::string_view key);

  bool has(std::string_view key) const { return table_.contains(key); }
  // Refuses every key nobody asked for.
  void finish();
  // "file: line 3: [section] key <what is wrong>".
  void complain(std::string_view key, std::string_view what);

 private:
  // "file: line 3", as near as can be told.
  std::string place(std::string_view key) const;
  bool usable(std::string_view key, const toml::node& node, std::size_t longest);
  bool whole_number(std::string_view key, std::int64_t& value, std::int64_t least, std::int64_t most);
  const toml::node* find(std::string_view key);

  const toml::table& table_;
  std::string source_;
  std::string section_;
  Faults& faults_;
  Lines& lines_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace postern::board
