// A terminal for a live view: see the header. Only what every VT100 knows is used.
#include "firmware/control/cli/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace postern::control::cli {

namespace {

volatile std::sig_atomic_t ended = 0;

void on_signal(int) {
  ended = 1;
}

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

TerminalSize terminal_size(int fd) {
  winsize size{};
  // A serial line has no size: 80 by 24 then.
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

LiveScreen::LiveScreen() {
  struct sigaction action {};
  action.sa_handler = on_signal;  // no SA_RESTART: waiting ends
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
  if (::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  put("\x1b[?25l\x1b[H\x1b[2J");
}

LiveScreen::~LiveScreen() {
  if (raw_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  put("\x1b[?25h\n");
}

void LiveScreen::draw(const std::vector<std::string>& lines) {
  std::string all = "\x1b[H";
  for (const auto& line : lines) {
    if (&line != &lines.front()) all += "\r\n";
    all += line + "\x1b[K";
  }
  put(all + "\x1b[J");
}

char LiveScreen::key(int milliseconds) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const int ready = ended != 0 ? -1 : ::poll(&input, 1, milliseconds);
  if (ended != 0) return 'q';
  char key = 0;
  if (ready > 0 && ::read(STDIN_FILENO, &key, 1) != 1) return 'q';
  return key;
}

}  // namespace postern::control::cli
