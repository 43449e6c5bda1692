// The command line of postern-control: see the header.
#include "firmware/control/main/options.hpp"

#include <unistd.h>

#include <array>

#include "platform/base/program_options.hpp"

namespace postern::control {

namespace {

constexpr auto kOptions = std::to_array<TextOption<Options>>({
    {"--settings", &Options::settings},
    {"--state-dir", &Options::state_directory},
    {"--board", &Options::board},
    {"--boards", &Options::boards},
    {"--run-dir", &Options::run_directory},
    {"--dataplane", &Options::dataplane},
    {"--resolver", &Options::resolver},
    {"--reporter", &Options::reporter},
    {"--admin", &Options::admin},
    {"--web", &Options::web},
    {"--keystore", &Options::keystore},
    {"--keys", &Options::keys},
    {"--key-file", &Options::key_file},
    {"--tpm", &Options::tpm},
});

constexpr auto kSwitches = std::to_array<Switch<Options>>({{"--foreground", &Options::foreground}});

}  // namespace

std::string Options::settings_file() const {
  if (!settings.empty()) return settings;
  return ::access(std::string(kSettingsFile).c_str(), F_OK) == 0 ? std::string(kSettingsFile) : std::string();
}

std::string Options::store() const {
  if (!state_directory.empty()) return state_directory + "/settings";
  return settings.empty() ? "/var/lib/postern/settings" : run_directory + "/settings";
}

std::string Options::keys_directory() const {
  if (!keys.empty()) return keys;
  return store().substr(0, store().rfind('/')) + "/keys";
}

std::string_view usage() {
  return "usage: postern-control [--settings FILE] [--state-dir DIR] [--board NAME|FILE] [--run-dir DIR]\n"
         "                       [--dataplane PROGRAM]\n"
         "\n"
         "The control plane of Postern: starts the data plane and watches it, gives it its settings, "
         "certificates\n"
         "and keys, and writes down what became of each message. It stays in the foreground and tells what "
         "happens\n"
         "on standard error. A data plane that runs already is taken over without being disturbed.\n"
         "\n"
         "  --settings FILE      taken in as a new generation of the settings whenever it changed (default\n"
         "                       /etc/postern/settings.toml, where there is one); 'postern settings' lists "
         "what "
         "can be set\n"
         "  --state-dir DIR      where generations of the settings are kept, in DIR/settings (default "
         "/var/lib/postern;\n"
         "                       with --settings: the run directory)\n"
         "  --board NAME|FILE    the machine, for the data plane (default generic-x86)\n"
         "  --boards DIR         where named boards are (default: as the data plane says)\n"
         "  --run-dir DIR        for sockets and the lock (default /run/postern)\n"
         "  --dataplane PROGRAM  the data plane (default: postern-dataplane beside this program)\n"
         "  --resolver PROGRAM   the resolver (default: postern-resolver beside this program)\n"
         "  --reporter PROGRAM   the reporter (default: postern-reporter beside this program)\n"
         "  --keystore PROGRAM   the keystore (default: postern-keystore beside this program)\n"
         "  --keys DIR           where its sealed files are (default: keys, beside the store of settings)\n"
         "  --key-file FILE      what opens them where there is no TPM (default: unlock in that "
         "directory)\n"
         "  --tpm DEVICE         the TPM that opens them; auto (/dev/tpmrm0 where it is there) or none\n"
         "  --admin PROGRAM      the web administration (default: postern-admin beside this program)\n"
         "  --web DIR            its pages (default: the directory web beside this program)\n"
         "  --foreground         stay in the foreground (always so)\n"
         "  --version            print the version and end\n"
         "  --help               print this and end\n"
         "\n"
         "signals: SIGHUP   take the settings file in, if it changed, and hand the settings over\n"
         "         SIGTERM  end the data plane in order, then end\n"
         "         SIGUSR2  end, and leave the data plane running\n"
         "\n"
         "exit status: 0 ended as told; 1 something went wrong, told in one line; 2 the command line or the\n"
         "settings are wrong.\n";
}

Result<Options, Fault> parse_options(std::span<char* const> arguments) {
  return parse_program_options<Options>(arguments, kOptions, kSwitches);
}

}  // namespace postern::control
