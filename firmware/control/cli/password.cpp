// `postern password`: a password on standard input becomes the hash that submission.users wants.
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "firmware/control/cli/invocation.hpp"
#include "platform/password/password.hpp"

namespace postern::control::cli {
namespace {

// At a terminal nothing is shown while it is typed.
std::string read_quietly() {
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    std::fputs("password: ", stderr);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputs("\n", stderr);
  }
  return line;
}

}  // namespace

int password_command(const Invocation&) {
  const auto line = read_quietly();
  if (line.empty()) return complain("there is no password on standard input", kUsage);
  const auto hash = password::hash(line);
  if (!hash) return complain(std::string(hash.error().reason), kFailed);
  std::printf("%s\n", hash->c_str());
  return kDone;
}

}  // namespace postern::control::cli
