// The command line of one of the box's own programs: switches and options with one value, from two tables.
//
// Every program knows --help (-h) and --version, so its Options has the members `help` and `version`.
// Whatever is not in a table is a fault that names it; nothing is guessed, an option given twice has its last
// value.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern {

// "--name VALUE"
template <typename Options>
struct TextOption {
  std::string_view name;
  std::string Options::*text;
};

// "--name"
template <typename Options>
struct Switch {
  std::string_view name;
  bool Options::*flag;
};

// `arguments` as main() gets them, the program's name first.
template <typename Options>
Result<Options, Fault> parse_program_options(std::span<char* const> arguments,
                                             std::span<const TextOption<Options>> texts,
                                             std::span<const Switch<Options>> switches) {
  Options options;
  const auto set_switch = [&](std::string_view argument) {
    for (const auto& one : switches) {
      if (one.name == argument) return options.*one.flag = true;
    }
    if (argument == "--help" || argument == "-h") return options.help = true;
    return argument == "--version" && (options.version = true);
  };
  const auto find_text = [&](std::string_view argument) -> std::string* {
    for (const auto& one : texts) {
      if (one.name == argument) return &(options.*one.text);
    }
    return nullptr;
  };
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (set_switch(argument)) continue;
    auto* const text = find_text(argument);
    if (text == nullptr) return fault("unknown argument '" + std::string(argument) + "'; see --help");
    if (i + 1 == arguments.size()) return fault(std::string(argument) + " needs a value; see --help");
    *text = arguments[++i];
  }
  return options;
}

}  // namespace postern
