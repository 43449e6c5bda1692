// The numbered menu for the hurried: each entry is a short conversation that ends in a command. Pure.
#pragma once

#include <functional>
#include <string>

#include "firmware/control/console/shell.hpp"

namespace postern::control::console {

class Menu {
 public:
  Menu(Desk& desk, Shell& shell, Login& login, Watch& watch)
      : desk_(desk), shell_(shell), login_(login), watch_(watch) {}

  // Shows the entries and asks.
  void begin();

 private:
  using Entry = void (Menu::*)();
  struct Row;
  void show();
  void chosen(const std::string& typed);
  void back() { ask(); }
  void ask();
  void line(const std::string& text, std::function<void(std::string)> then);
  void say(const std::string& text) { desk_.print(text + "\n"); }
  void do_command(const std::string& command);

  void status();
  void network();
  void restart();
  void reset_access();
  void restore();
  void update();
  void diagnostics();
  void reboot();
  void factory_reset();
  void command_line();
  void keep_change();
  void log_out();

  void network_of(const std::string& port);
  void stage(std::vector<std::pair<std::string, std::string>> values, const std::string& comment);
  void offer(const std::string& comment);
  void diagnose(const std::string& choice);

  Desk& desk_;
  Shell& shell_;
  Login& login_;
  Watch& watch_;
};

}  // namespace postern::control::console
