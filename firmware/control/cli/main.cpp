// postern: the command line of the box.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/cli/terminal.hpp"

namespace {

using namespace postern::control::cli;

void overview(bool colour) {
  std::printf("%s\n\nusage: postern COMMAND [OPTIONS]\n\n",
              paint("Postern " POSTERN_VERSION ", a mail gateway", Colour::bold, colour).c_str());
  for (const auto& command : commands()) {
    std::string name(command.name);
    name.resize(15, ' ');
    std::printf("  %s %s\n", paint(name, Colour::bold, colour).c_str(), std::string(command.summary).c_str());
  }
  std::printf(
      "\nThe commands of the console work here too, such as 'postern show history' and 'postern commit': "
      "postern help\n"
      "\nEvery command knows --help, and --json for programs.\n"
      "--run-dir DIR (or POSTERN_RUN_DIR) where postern-control is, if not in /run/postern.\n"
      "\nexit status: 0 done; 1 failed; 2 the command line is wrong; 3 postern-control is not running; 4 the "
      "data plane\n"
      "is not running (status only).\n");
}

void look_around(Invocation& invocation) {
  invocation.terminal = ::isatty(STDOUT_FILENO) != 0;
  const char* kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  invocation.colour = invocation.terminal && !dumb && std::getenv("NO_COLOR") == nullptr;
  const auto size = terminal_size(STDOUT_FILENO);
  invocation.width = size.width;
  invocation.height = size.height;
  // The console shows what we print on a screen of its own.
  if (const char* columns = std::getenv("POSTERN_COLUMNS"); columns != nullptr && !invocation.terminal) {
    invocation.terminal = true;
    invocation.width = std::strtoul(columns, nullptr, 10);
    invocation.colour = std::getenv("POSTERN_COLOUR") != nullptr;
  }
  if (const char* directory = std::getenv("POSTERN_RUN_DIR"); directory != nullptr)
    invocation.run_directory = directory;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);
  Invocation invocation;
  look_around(invocation);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    if (const auto status = spoken_command(words, invocation)) return *status;
  } catch (const std::exception& error) {
    return complain(std::string("this should not have happened: ") + error.what(), kFailed);
  }
  const auto command = parse(words, invocation);
  if (!command) return complain(command.error().reason, kUsage);
  if (*command == nullptr) return overview(invocation.colour), kDone;
  if (invocation.help) return std::fputs(std::string((*command)->help).c_str(), stdout) < 0 ? kFailed : kDone;
  try {
    return (*command)->run(invocation);
  } catch (const std::exception& error) {
    return complain(std::string("this should not have happened: ") + error.what(), kFailed);
  }
}
