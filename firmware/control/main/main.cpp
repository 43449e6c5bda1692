// postern-control: the order of its start. The launcher is forked first, while there is one thread and all
// powers are there; then the powers go.
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "firmware/control/main/control.hpp"
#include "firmware/control/main/powers.hpp"
#include "platform/log/log.hpp"
#include "platform/process/lock_file.hpp"
#include "platform/process/powers.hpp"

namespace {

using namespace postern;

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "control", reason);
  return status;
}

// A program that lies beside this one unless the command line names another.
std::string program(const std::string& named, const char* name) {
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  return named.empty() ? (here / name).string() : named;
}

std::vector<std::string> dataplane_arguments(const control::Options& options) {
  std::vector<std::string> arguments{program(options.dataplane, "postern-dataplane"), "--board",
                                     options.board, "--socket", options.dataplane_socket()};
  if (!options.boards.empty()) arguments.insert(arguments.end(), {"--boards", options.boards});
  return arguments;
}

std::vector<std::string> keystore_arguments(const control::Options& options) {
  std::vector<std::string> arguments{program(options.keystore, "postern-keystore"),
                                     "--socket",
                                     options.keystore_socket(),
                                     "--keys",
                                     options.keys_directory(),
                                     "--tpm",
                                     options.tpm};
  if (!options.key_file.empty()) arguments.insert(arguments.end(), {"--key-file", options.key_file});
  return arguments;
}

std::vector<std::string> admin_arguments(const control::Options& options) {
  std::vector<std::string> arguments{program(options.admin, "postern-admin"), "--socket",
                                     options.admin_socket(), "--door", options.service_socket()};
  const auto web = options.web.empty() ? program("", "web") : options.web;
  arguments.insert(arguments.end(), {"--web", web});
  return arguments;
}

// Signals come as messages, to the one thread that waits for them.
process::Descriptor catch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return process::Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int run(control::Options options) {
  std::error_code failed;
  std::filesystem::create_directories(options.run_directory, failed);
  if (failed)
    return complain("cannot make " + options.run_directory + ": " + failed.message() + "; is this root?", 1);
  // The launcher changes its directory, so paths have to be whole.
  options.run_directory = std::filesystem::canonical(options.run_directory).string();
  for (auto* path : {&options.dataplane, &options.resolver, &options.reporter, &options.state_directory,
                     &options.keystore, &options.keys, &options.key_file, &options.admin, &options.web}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
  for (auto* path : {&options.board, &options.boards}) {
    if (path->find('/') != std::string::npos) *path = std::filesystem::absolute(*path).string();
  }
  auto launcher = control::Launcher::create(dataplane_arguments(options));
  if (!launcher) return complain(launcher.error().reason, 1);
  auto resolver = control::Launcher::create(
      {program(options.resolver, "postern-resolver"), "--socket", options.resolver_socket()});
  if (!resolver) return complain(resolver.error().reason, 1);
  auto reporter = control::Launcher::create(
      {program(options.reporter, "postern-reporter"), "--socket", options.reporter_socket()});
  if (!reporter) return complain(reporter.error().reason, 1);
  auto keystore = control::Launcher::create(keystore_arguments(options));
  if (!keystore) return complain(keystore.error().reason, 1);
  auto admin = control::Launcher::create(admin_arguments(options));
  if (!admin) return complain(admin.error().reason, 1);
  // After the fork: a launcher that outlives us for a moment would hold the lock for that moment.
  const auto lock = process::take_lock(options.lock());
  if (!lock) return complain("another postern-control is running: " + lock.error().reason, 1);
  auto signals = catch_signals();
  control::Control control(options, std::move(*launcher), std::move(*resolver), std::move(*reporter),
                           std::move(*keystore), std::move(*admin), std::move(signals));
  if (!control.load()) return complain("the settings are not usable; nothing was started or changed", 2);
  if (const auto open = control.open_door(); !open) return complain(open.error().reason, 1);
  if (const auto confined = process::confine(control::control_powers()); !confined) {
    return complain(confined.error().reason, 1);
  }
  return control.run();
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = control::parse_options({argv, static_cast<std::size_t>(argc)});
  if (!options) return complain(options.error().reason, 2);
  if (options->help) return std::fputs(std::string(control::usage()).c_str(), stdout) < 0;
  if (options->version) return std::printf("postern-control %s\n", POSTERN_VERSION) < 0;
  try {
    return run(*options);
  } catch (const std::exception& error) {
    return complain(std::string("this should not have happened: ") + error.what(), 1);
  }
}
