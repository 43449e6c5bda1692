#include "firmware/dataplane/options.hpp"

#include <array>

#include "platform/base/program_options.hpp"

namespace postern::dataplane {
namespace {

constexpr auto kOptions = std::to_array<TextOption<Options>>({
    {"--board", &Options::board},
    {"--boards", &Options::boards},
    {"--socket", &Options::socket},
});

}  // namespace

std::string_view usage() {
  return "usage: postern-dataplane [--board NAME|FILE] [--boards DIR] [--socket PATH]\n"
         "\n"
         "The packet path of Postern: takes mail from the network, keeps it on disk, hands it to the "
         "office.\n"
         "It is started and watched by postern-control, which also gives it its settings and keys.\n"
         "\n"
         "  --board NAME|FILE  the machine: ports, cores, memory (default generic-x86); a name is looked up\n"
         "                     as DIR/NAME/board.toml, anything with a slash is a file\n"
         "  --boards DIR       where named boards are (default /usr/share/postern/boards)\n"
         "  --socket PATH      where postern-control connects (default /run/postern/dataplane.sock)\n"
         "  --version          print the version and end\n"
         "  --help             print this and end\n"
         "\n"
         "exit status: 0 after an orderly stop; 1 something went wrong while starting or running, told in "
         "one\n"
         "line on standard error; 2 the command line, the board or the settings are wrong.\n";
}

Result<Options, Fault> parse_options(std::span<char* const> arguments) {
  return parse_program_options<Options>(arguments, kOptions, {});
}

}  // namespace postern::dataplane
