// What a command of `postern` gets to work with: its words, where to print, and the line to postern-control.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::control::cli {

using Json = nlohmann::ordered_json;

// Exit statuses, as --help documents them.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNoControl = 3;
inline constexpr int kNoDataplane = 4;

struct Invocation {
  std::vector<std::string> words;            // after the command's name, without options
  std::map<std::string, std::string> given;  // options of the command: "-n" -> "20", "-f" -> ""
  std::string run_directory = "/run/postern";
  bool json = false;
  bool help = false;
  bool colour = false;
  bool terminal = false;
  std::size_t width = 80;
  std::size_t height = 24;
  // Lines of tables are cut here: the terminal's width, or none into a file or pipe.
  std::size_t cut() const { return terminal ? width : 0; }
};

struct Command {
  std::string_view name;
  std::string_view summary;  // one line in the overview
  std::string_view help;     // what --help prints
  std::string_view flags;    // options without a value: "-f"
  std::string_view options;  // options with a value: "-n"
  int (*run)(const Invocation& invocation);
};

std::span<const Command> commands();

// Sorts the words of a command line; the fault says which word is wrong and what there is.
Result<const Command*, Fault> parse(std::span<const std::string> words, Invocation& invocation);

// Asks postern-control. Where that cannot be done, says on standard error what to do, and gives a status.
struct Reply {
  int status = kDone;
  Json json;
};
Reply ask(const Invocation& invocation, const Json& question, int patience_seconds = 6);
// The same for commands that can do without: an object, empty where there is no answer or an error.
Json ask_quietly(const Invocation& invocation, const Json& question);

// The grammar of the console ("show queue", "set NAME VALUE"), done once; nothing: these words are none of it.
// Defined in the console's room, which has the table.
std::optional<int> spoken_command(std::span<const std::string> words, Invocation& invocation);

int print(const Json& json);
int complain(std::string_view text, int status);

// The commands.
int status_command(const Invocation&);
int top_command(const Invocation&);
int log_command(const Invocation&);
int queue_command(const Invocation&);
int trace_command(const Invocation&);
int counters_command(const Invocation&);
int admin_command(const Invocation&);  // firmware/control/admin
int password_command(const Invocation&);
int settings_command(const Invocation&);
int reload_command(const Invocation&);
int restart_command(const Invocation&);
int check_command(const Invocation&);
int probe_command(const Invocation&);
int version_command(const Invocation&);
int reports_command(const Invocation&);
int dkim_command(const Invocation&);
int update_command(const Invocation&);
int board_command(const Invocation&);

}  // namespace postern::control::cli
