// A terminal for a live view: keys one by one, the cursor hidden; all as before when it ends, however it
// ends.
#pragma once

#include <termios.h>

#include <cstddef>
#include <string>
#include <vector>

namespace postern::control::cli {

struct TerminalSize {
  std::size_t width = 80;
  std::size_t height = 24;
};
TerminalSize terminal_size(int fd);

class LiveScreen {
 public:
  LiveScreen();
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Redraws from the top left corner without clearing first, so that nothing flickers.
  void draw(const std::vector<std::string>& lines);
  // Waits for a key; 0: none came, 'q' also for Ctrl-C and the end of input.
  char key(int milliseconds);

 private:
  termios before_{};
  bool raw_ = false;
};

}  // namespace postern::control::cli
