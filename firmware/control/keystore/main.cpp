// postern-keystore: the order of its start. Memory is guarded before there is a secret; the TPM is opened
// while there still is a way to it; then the powers go, then the store is opened.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "drivers/tpm/tss.hpp"
#include "firmware/control/keystore/service/desk.hpp"
#include "firmware/control/keystore/service/powers.hpp"
#include "platform/base/program_options.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/lock_file.hpp"

namespace {

using namespace postern;

constexpr int kPatienceMilliseconds = 10'000;
constexpr char kDevice[] = "/dev/tpmrm0";
// Register 7: what Secure Boot believes. It stays over an update of the system.
constexpr std::uint32_t kRegisters = 1u << 7;

struct Options {
  std::string socket;
  std::string directory;
  std::string key_file;
  std::string tpm = "auto";
  bool quick = false;
  bool help = false;
  bool version = false;
};

constexpr auto kOptions = std::to_array<TextOption<Options>>({
    {"--socket", &Options::socket},
    {"--keys", &Options::directory},
    {"--key-file", &Options::key_file},
    {"--tpm", &Options::tpm},
});
// For tests: a passphrase costs little to try.
constexpr auto kSwitches = std::to_array<Switch<Options>>({{"--quick", &Options::quick}});

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "keystore", reason);
  return status;
}

std::unique_ptr<tpm::Tpm> find_tpm(const std::string& wanted) {
  const bool automatic = wanted == "auto";
  if (wanted == "none" || (automatic && ::access(kDevice, F_OK) != 0)) return nullptr;
  auto opened = tpm::open_tpm(automatic ? kDevice : wanted, kRegisters);
  if (opened) return std::move(*opened);
  log::write(log::Level::error, "keystore", opened.error().reason);
  return nullptr;
}

keystore::Json confined_json(const process::Entered& entered) {
  return {{"network", !entered.network_apart},
          {"files_limited", entered.reach != process::Reached::nothing},
          {"own_user", entered.user}};
}

// Made by root, and the user's that the process becomes.
Result<void, Fault> make_directory(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return fault("cannot make " + path + ": " + failed.message());
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
  if (failed) return fault("cannot close " + path + ": " + failed.message());
  return {};
}

int run(const Options& options) {
  if (const auto guarded = keystore::guard_memory(); !guarded) return complain(guarded.error().reason, 1);
  ::umask(077);
  auto control = process::accept_owner(options.socket, kPatienceMilliseconds);
  if (!control) return complain(control.error().reason, 1);
  if (const auto made = make_directory(options.directory); !made) return complain(made.error().reason, 1);
  const auto lock = process::take_lock(options.directory + "/lock");
  if (!lock) return complain("another keystore has these keys: " + lock.error().reason, 1);
  keystore::VaultOptions vault_options{
      .directory = options.directory, .key_file = options.key_file, .cost = {}, .times = {}};
  if (options.quick) vault_options.cost = keystore::kLeastCost;
  auto tpm = find_tpm(options.tpm);
  const auto key_directory = std::filesystem::path(vault_options.key_path()).parent_path().string();
  const auto powers = keystore::keystore_powers(options.directory, key_directory);
  if (const auto given = process::give_to_user(powers.user, options.directory); !given)
    return complain(given.error().reason, 1);
  const auto entered = process::enter(powers);
  if (!entered) return complain(entered.error().reason, 1);
  auto vault = keystore::Vault::open(std::move(vault_options), std::move(tpm), clock::kernel_wall());
  if (!vault) return complain(vault.error().reason, 1);
  vault->set_confined(confined_json(*entered));
  keystore::Desk desk(std::move(*vault), std::move(*control));
  desk.start();
  if (const auto confined = process::confine(powers); !confined) return complain(confined.error().reason, 1);
  if (!desk.serve()) return 1;
  log::write(log::Level::notice, "keystore", "control is gone: ending");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options =
      parse_program_options<Options>({argv, static_cast<std::size_t>(argc)}, kOptions, kSwitches);
  if (!options) return complain(options.error().reason, 2);
  if (options->version) return std::printf("postern-keystore %s\n", POSTERN_VERSION) < 0;
  if (options->help || options->socket.empty() || options->directory.empty()) {
    std::fputs(
        "usage: postern-keystore --socket PATH --keys DIR [--key-file FILE] [--tpm auto|none|DEVICE]\n"
        "postern-control starts it; it is of no use alone.\n",
        stderr);
    return options->help ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(*options);
  } catch (const std::exception& error) {
    return complain(error.what(), 1);
  }
}
