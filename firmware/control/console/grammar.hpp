// The grammar of the command line: rows of one table, how words are matched against them, and what may come
// next. Pure; the rows are in commands.cpp.
//
// A row's form is words; <name> takes a value, <name...> all words to the end; [word] and [word <name>] may
// be left out and come in any order, [<name>] at its place. A word may be cut short where it stays unique.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/cli/invocation.hpp"
#include "platform/base/result.hpp"

namespace postern::control::console {

using cli::Json;

enum class Mode : std::uint8_t { operate, configure, both };
// Roles in the order of what they may do.
enum class Role : std::uint8_t { none, help_desk, auditor, operates, owner };

struct Look {
  std::size_t width = 0;  // 0: lines are not cut
  bool colour = false;
};

// The words that a form left open: "<domain>" as "domain"; "[all]" as "all" with an empty value. Several
// words of "<value...>" are joined as elements of a list (ipc::kListSeparator).
using Arguments = std::map<std::string, std::string, std::less<>>;

enum class Act : std::uint8_t {
  ask,      // one question to the door, one answer that is shown
  program,  // a command of `postern`
  own,      // the console does it itself; scripts cannot
};

struct Row {
  Mode mode = Mode::operate;
  std::string_view form;
  std::string_view help;  // one line
  Role least = Role::auditor;
  Act act = Act::ask;
  std::string_view does{};  // ask: the command; program: its words; own: what it is called
  Json (*question)(const Arguments&) = nullptr;                               // what goes with the command
  std::string (*view)(const Json& answer, const Arguments&, Look) = nullptr;  // none: JSON
  std::string_view warning{};  // what it will do; a yes is asked for
};

std::span<const Row> rows();

struct Candidate {
  std::string text;
  std::string help;
  bool whole = true;  // a blank may follow
};

struct Call {
  const Row* row = nullptr;
  Arguments arguments;
};

// What the line means; the fault says which word is wrong and what there is.
Result<Call, Fault> understand(std::span<const std::string> words, Mode mode);

// What may stand for a value: (its name, what is typed of it, what was typed before).
using Suggest = std::function<std::vector<Candidate>(std::string_view, std::string_view, const Arguments&)>;
// What may come after `words` where `partial` is typed already. The line may also end there: "<enter>".
std::vector<Candidate> expect(std::span<const std::string> words, std::string_view partial, Mode mode,
                              const Suggest& suggest);

// The words of `postern` for a row that is a program: "{domain}" is replaced, "--last {last}" falls away
// where nothing was given, "{all:-a}" is the word behind the colon where the flag was given.
std::vector<std::string> program_words(const Row& row, const Arguments& arguments);

// The manual page of the rows that begin so: name, form, what it does, as for `help` and --help.
std::string manual(std::string_view front);
// "a domain, like example.org": what stands for <domain>.
std::string_view value_help(std::string_view name);

}  // namespace postern::control::console
