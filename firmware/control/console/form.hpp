// The form of a row, read, and how far words have walked along it. For the grammar's own files.
#pragma once

#include <bitset>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

struct Element {
  std::string_view word;   // of a literal or an option
  std::string_view value;  // name of the value; empty: none
  bool optional = false;
  bool rest = false;
};

std::vector<Element> read_form(std::string_view form);

enum class Fit : std::uint8_t { none, front, value, exact };

// One row and how much of it the words so far have used up.
class Walk {
 public:
  explicit Walk(const Row& row)
      : row_(&row), form_(std::make_shared<const std::vector<Element>>(read_form(row.form))) {}

  // How well the next word fits, and which literal it is.
  Fit fits(std::string_view word, std::string_view& literal) const;
  // Takes the word that fits so.
  void take(std::string_view word, Fit fit);
  bool complete() const;

  struct Next {
    std::string_view literal;
    std::string_view value;
    bool optional = false;
  };
  std::vector<Next> next() const;
  const Row& row() const { return *row_; }
  const Arguments& arguments() const { return arguments_; }

 private:
  const Element* required() const;
  const Element* option(std::string_view word, bool exact) const;
  const Element* place() const;
  void bind(const Element& element, std::string_view word);

  const Row* row_;
  std::shared_ptr<const std::vector<Element>> form_;  // shared by copies, which point into it
  std::size_t at_ = 0;                                // required elements that are done
  std::bitset<16> used_;
  const Element* pending_ = nullptr;  // an option that waits for its value
  const Element* rest_ = nullptr;
  Arguments arguments_;
};

}  // namespace postern::control::console
