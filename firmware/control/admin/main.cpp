// postern-admin: the order of its start. Control's settings and its own certificate first, then the port,
// then its user and files, then its threads, then its powers go.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "firmware/control/admin/service.hpp"
#include "platform/log/log.hpp"

namespace {

using namespace postern;

int complain(const std::string& reason, int status) {
  log::write(log::Level::error, "admin", reason);
  return status;
}

struct Words {
  std::string socket;
  std::string door;
  std::string web;
};

bool read_words(int argc, char** argv, Words& words) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--socket") words.socket = argv[i + 1];
    if (name == "--door") words.door = argv[i + 1];
    if (name == "--web") words.web = argv[i + 1];
  }
  return !words.socket.empty() && !words.door.empty() && argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version")
    return std::printf("postern-admin %s\n", POSTERN_VERSION) < 0;
  Words words;
  if (!read_words(argc, argv, words)) {
    std::fputs(
        "usage: postern-admin --socket PATH --door PATH [--web DIRECTORY]\n"
        "postern-control starts it; it is of no use alone.\n",
        stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  try {
    const auto served = admin::serve(words.socket, words.door, words.web);
    if (!served) return complain(served.error().reason, 1);
    log::write(log::Level::notice, "admin", "control is gone: ending");
    return 0;
  } catch (const std::exception& error) {
    return complain(error.what(), 1);
  }
}
