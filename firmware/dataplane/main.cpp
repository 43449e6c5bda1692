// postern-dataplane: the packet path as a program. Order of start: command line, board, line to
// postern-control, first settings, then the process itself.
#include <csignal>
#include <cstdio>
#include <span>

#include "firmware/dataplane/options.hpp"
#include "firmware/dataplane/process.hpp"
#include "platform/log/log.hpp"

namespace {

using namespace postern;

std::atomic<bool> stop_wanted{false};

void on_signal(int) {
  stop_wanted = true;
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "dataplane", reason);
  return status;
}

int run(const dataplane::Options& options) {
  const auto board = board::load(options.board, options.boards);
  if (!board) {
    for (const auto& fault : board.error()) complain(fault.reason, 2);
    return 2;
  }
  // What the machine lacks is told before anybody is asked for settings.
  const auto lacking = eal::check(*board);
  for (const auto& fault : lacking) complain(fault.reason, 1);
  if (!lacking.empty()) return 1;

  auto link = dataplane::ControlLink::create({.path = options.socket,
                                              .shards = static_cast<std::uint32_t>(board->cores.data.size()),
                                              .version = POSTERN_VERSION});
  if (!link) return complain(link.error().reason, 1);
  dataplane::FirstSet first;
  if (!(*link)->wait_for_first_set(first, stop_wanted)) return 0;

  dataplane::Process process(*board, **link);
  if (const auto started = process.start(std::move(first)); !started)
    return complain(started.error().reason, 1);
  process.serve(stop_wanted);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = dataplane::parse_options(std::span(argv, static_cast<std::size_t>(argc)));
  if (!options) return complain(options.error().reason, 2);
  if (options->help) return std::fputs(std::string(dataplane::usage()).c_str(), stdout) < 0;
  if (options->version) return std::printf("postern-dataplane %s\n", POSTERN_VERSION) < 0;
  catch_signals();
  return run(*options);
}
