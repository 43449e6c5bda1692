// Takes apart what follows "FROM:" and "TO:": a path, then parameters. RFC 5321 §4.1.2.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

// "<path> parameters", cut in two; the path without its angle brackets.
struct PathAndParameters {
  bool good = false;
  std::string_view path;
  std::string_view parameters;
};

// `argument` begins with `prefix` ("FROM:" or "TO:", any case).
PathAndParameters split_path(std::string_view argument, std::string_view prefix);

// One keyword a verb understands: takes the value (empty where there is no '=') into the command.
struct Parameter {
  std::string_view keyword;
  Refusal (*take)(const Server::State& state, std::string_view value, Command& command);
};

// Gives every parameter to its row; each may come once.
Refusal take_parameters(const Server::State& state, std::string_view text, std::span<const Parameter> known,
                        Command& command);

// A decimal number that fits, and nothing else.
bool parse_number(std::string_view text, std::uint64_t& value);

}  // namespace postern::smtp
