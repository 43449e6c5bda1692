// The one table of everything the box can be told: name, type, range, default and what it means.
//
// The settings file, the command line's help, the checks and the data plane's getters all read this table; a
// name that is not in it does not exist. Defaults are those of the engines (a test holds both against each
// other).
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace postern::ipc {

enum class Type : std::uint8_t {
  boolean,
  integer,
  size,  // bytes
  duration,
  text,
  domain,
  mailbox,
  address,
  prefix,
  endpoint,  // host:port
  path,
  enumeration,  // one of `choices`
  fingerprint,  // 64 hex digits: a SHA-256
  certificate,  // names and files
  dkim_key,     // domain, selector, file, service
};

enum class Takes : std::uint8_t {
  live,     // every core takes it between two polls
  restart,  // the data plane has to start again
};

// Who may change it. An owner may change everything.
enum class Who : std::uint8_t { owner, operators };

struct Setting {
  std::string_view name;  // "<port>" stands for the name of a port of the board
  Type type = Type::text;
  bool list = false;
  std::string_view fallback;  // the default, as written; empty: none
  std::uint64_t least = 0;    // of integers, sizes and durations (ns)
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::string_view choices;  // "plain|opportunistic"
  std::string_view unit;     // for people: "bytes", "connections"
  Takes takes = Takes::restart;
  std::string_view help;
  Who who = Who::operators;
  bool secret = false;  // never shown, logged or compared in clear
};

std::span<const Setting> settings_schema();
// The row for `name`, also where the row is a pattern; null where there is none.
const Setting* find_setting(std::string_view name);
std::string_view type_name(Type type);
// The same as one word for programs: "boolean", "duration".
std::string_view type_word(Type type);
std::string_view who_word(Who who);
// What people look for together: "smtp", "network". By the front of the name.
std::string_view group_of(std::string_view name);
// "a whole number from 1 to 100", "true or false": what would be right.
std::string what_fits(const Setting& setting);

}  // namespace postern::ipc
