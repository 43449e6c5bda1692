// The command line of postern-console: see the header.
#include "firmware/control/console/options.hpp"

#include <array>

#include "platform/base/program_options.hpp"

namespace postern::control::console {

namespace {

constexpr auto kOptions = std::to_array<TextOption<Options>>({
    {"--run-dir", &Options::run_directory},
    {"--tty", &Options::tty},
    {"--baud", &Options::baud},
    {"--accounts", &Options::accounts},
    {"--admin-dir", &Options::admin_directory},
    {"--postern", &Options::program},
    {"--as", &Options::known_as},
});

constexpr auto kSwitches = std::to_array<Switch<Options>>({{"--physical", &Options::physical}});

}  // namespace

std::string_view usage() {
  return "usage: postern-console [--tty DEVICE [--baud N]] [--as NAME] [--run-dir DIR]\n"
         "\n"
         "The console of the box: shows how it is and where its web pages are, then asks who you are, then "
         "gives a\n"
         "menu and a command line. Without --tty it uses the terminal it was started from.\n"
         "\n"
         "  --tty DEVICE       a serial line, such as /dev/ttyS0\n"
         "  --baud N           its speed, 9600 to 115200 (default: as it is); a break goes to the next one\n"
         "  --physical         whoever is on this terminal stands at the box; always so for serial lines and\n"
         "                     screens, never for pseudo terminals unless said here\n"
         "  --as NAME          somebody else has made sure that this is NAME (ssh); root only\n"
         "  --run-dir DIR      where postern-control is (default /run/postern)\n"
         "  --admin-dir DIR    where the web administration keeps its people and the setup code (default\n"
         "                     /var/lib/postern/admin)\n"
         "  --accounts FILE    who may log in while the web administration has nobody (default\n"
         "                     /var/lib/postern/console.passwords)\n"
         "  --postern PROGRAM  the command line (default: postern beside this program)\n"
         "  --version          print the version and end\n"
         "  --help             print this and end\n"
         "\n"
         "exit status: 0 ended as told; 1 something went wrong, told in one line; 2 the command line is wrong.\n";
}

Result<Options, Fault> parse_options(std::span<char* const> arguments) {
  return parse_program_options<Options>(arguments, kOptions, kSwitches);
}

}  // namespace postern::control::console
