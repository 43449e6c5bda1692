// postern-console: the order of its start. The process that starts commands is forked first, while all powers
// are there; then the powers go.
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "drivers/console/tty.hpp"
#include "firmware/control/console/accounts.hpp"
#include "firmware/control/console/loop.hpp"
#include "firmware/control/console/options.hpp"
#include "firmware/control/console/powers.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/log/log.hpp"

namespace {

using namespace postern;
namespace console = control::console;

volatile int ended = 0;

void on_signal(int) {
  ended = 1;
}

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "console", reason);
  return status;
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;  // no SA_RESTART: waiting ends
  for (const int signal : {SIGTERM, SIGHUP, SIGINT}) ::sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

unsigned speed_of(int fd) {
  termios now{};
  if (::tcgetattr(fd, &now) != 0) return 0;
  switch (::cfgetospeed(&now)) {
    case B9600:
      return 9600;
    case B19200:
      return 19200;
    case B38400:
      return 38400;
    case B57600:
      return 57600;
    case B115200:
      return 115200;
    default:
      return 0;
  }
}

// Pseudo terminals are where people come in over a network.
console::Station station_of(const console::Options& options, const std::string& name, int fd) {
  const bool pseudo = name.starts_with("/dev/pts/") || name.empty();
  return {options.physical || !pseudo, name, pseudo ? 0 : speed_of(fd), options.known_as};
}

Result<std::unique_ptr<terminal::Tty>, Fault> open_terminal(const console::Options& options) {
  if (options.tty.empty()) return terminal::Tty::adopt(STDIN_FILENO, STDOUT_FILENO);
  const auto baud = ipc::read_integer(options.baud.empty() ? "0" : options.baud);
  if (!baud || *baud > 1'000'000) return fault("--baud is 9600 to 115200");
  return terminal::Tty::open(options.tty, static_cast<unsigned>(*baud));
}

int run(const console::Options& options) {
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto program = options.program.empty() ? (here / "postern").string()
                                               : std::filesystem::absolute(options.program).string();
  if (!options.known_as.empty() && ::getuid() != 0) return complain("--as is for root only", 2);
  auto runner =
      console::Runner::create(program, options.run_directory, [&options](const std::string& question) {
        return console::answer_account(options.admin_directory, options.accounts, question);
      });
  if (!runner) return complain(runner.error().reason, 1);
  std::filesystem::create_directories(std::filesystem::path(options.accounts).parent_path(), ignored);
  auto tty = open_terminal(options);
  if (!tty) return complain(tty.error().reason, 1);
  const char* named = ::ttyname((*tty)->descriptor());
  const auto station = station_of(options, named == nullptr ? "" : named, (*tty)->descriptor());
  catch_signals();
  const auto powers = console::console_powers(options);
  if (const auto entered = process::enter(powers); !entered) return complain(entered.error().reason, 1);
  if (const auto confined = process::confine(powers); !confined) return complain(confined.error().reason, 1);
  console::Loop loop(**tty, station, options.run_directory + "/control.sock", std::move(*runner));
  return loop.run(ended);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = console::parse_options({argv, static_cast<std::size_t>(argc)});
  if (!options) return complain(options.error().reason, 2);
  if (options->help) return std::fputs(std::string(console::usage()).c_str(), stdout) < 0;
  if (options->version) return std::printf("postern-console %s\n", POSTERN_VERSION) < 0;
  try {
    return run(*options);
  } catch (const std::exception& error) {
    return complain(std::string("this should not have happened: ") + error.what(), 1);
  }
}
