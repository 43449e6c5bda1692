// The grammar of the console as commands of `postern`: "show queue", "set NAME VALUE", "commit comment why".
//
// One table serves both; here a command is asked once and printed, or is a command of `postern` by another
// name. What cannot be taken back wants the word `sure` at the end.
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/passphrase.hpp"
#include "firmware/control/console/grammar.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

using console::Act;
using console::Call;

bool is_command(std::string_view word) {
  for (const auto& command : commands()) {
    if (command.name == word) return true;
  }
  return false;
}

bool begins_a_form(const std::string& word) {
  for (const auto& row : console::rows()) {
    if (row.form.substr(0, row.form.find(' ')) == word) return true;
  }
  return false;
}

// Who it is, for the history: the person behind sudo, where there is one.
std::string actor_name() {
  if (const char* sudo = std::getenv("SUDO_USER"); sudo != nullptr && *sudo != '\0') return sudo;
  const auto* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

int ask_door(const Call& call, const Invocation& invocation) {
  auto arguments = call.arguments;
  if (call.row->does == "settings.set" && arguments.count("value") == 0) {
    // A secret does not belong on a command line, where every process can read it.
    arguments["value"] = read_quietly("value (not shown): ");
  }
  Json question = call.row->question != nullptr ? call.row->question(arguments) : Json::object();
  question["command"] = call.row->does;
  question["actor"] = {{"name", actor_name()}, {"source", "cli"}};
  const auto reply = ask(invocation, question);
  if (reply.status != kDone) return reply.status;
  if (invocation.json || call.row->view == nullptr) return print(reply.json);
  const auto text = call.row->view(reply.json, arguments, {invocation.cut(), invocation.colour});
  std::fputs(text.c_str(), stdout);
  const auto faults = reply.json.find("faults");
  return faults != reply.json.end() && !faults->empty() ? kFailed : kDone;
}

int run_program(const Call& call, Invocation& invocation) {
  const auto words = console::program_words(*call.row, call.arguments);
  const auto command = parse(words, invocation);
  if (!command || *command == nullptr)
    return complain("this version does not have that yet: " + std::string(call.row->form), kFailed);
  return (*command)->run(invocation);
}

int perform(const Call& call, bool sure, Invocation& invocation) {
  if (!call.row->warning.empty() && !sure)
    return complain(std::string(call.row->warning) + " Say so with the word 'sure' at the end.", kUsage);
  if (call.row->act == Act::ask) return ask_door(call, invocation);
  if (call.row->act == Act::program) return run_program(call, invocation);
  return complain("'" + std::string(call.row->form) + "' is for people at a console: postern-console",
                  kUsage);
}

// Options that every command knows; the rest are words.
Result<std::vector<std::string>, Fault> take_options(std::span<const std::string> given,
                                                     Invocation& invocation) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == "--json") {
      invocation.json = true;
    } else if (given[i] == "--help" || given[i] == "-h") {
      invocation.help = true;
    } else if (given[i] == "--run-dir") {
      if (i + 1 == given.size()) return fault("--run-dir needs a value");
      invocation.run_directory = given[++i];
    } else {
      words.push_back(given[i]);
    }
  }
  return words;
}

}  // namespace

std::optional<int> spoken_command(std::span<const std::string> given, Invocation& invocation) {
  Invocation own = invocation;
  auto words = take_options(given, own);
  if (!words || words->empty() || is_command(words->front()) || !begins_a_form(words->front()))
    return std::nullopt;
  if (own.help || words->front() == "help") {
    if (words->front() == "help") words->erase(words->begin());
    std::fputs(console::manual(ipc::join_list(*words, " ")).c_str(), stdout);
    return kDone;
  }
  const bool sure = words->back() == "sure";
  if (sure) words->pop_back();
  const auto call = console::understand(*words, console::Mode::both);
  if (!call) return complain(call.error().reason, kUsage);
  return perform(*call, sure, own);
}

}  // namespace postern::control::cli
