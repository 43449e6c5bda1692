// The menu and its shorter entries: see the header. What changes settings is in menu_settings.cpp.
#include "firmware/control/console/menu.hpp"

namespace postern::control::console {

struct Menu::Row {
  std::string_view key;
  std::string_view text;
  Entry entry;
  Role least;
};

void Menu::begin() {
  show();
  ask();
}

namespace {

constexpr std::string_view kAgain = "?";

}  // namespace

// The table is here so that it can name the entries, which are private.
void Menu::chosen(const std::string& typed) {
  static constexpr auto kRows = std::to_array<Row>({
      {"1", "Status", &Menu::status, Role::help_desk},
      {"2", "Set an address", &Menu::network, Role::operates},
      {"3", "Restart mail", &Menu::restart, Role::operates},
      {"4", "Reset password and second factor", &Menu::reset_access, Role::owner},
      {"5", "Restore an earlier configuration", &Menu::restore, Role::operates},
      {"6", "Update, or start the other slot", &Menu::update, Role::owner},
      {"7", "Diagnostics", &Menu::diagnostics, Role::help_desk},
      {"8", "Reboot or power off", &Menu::reboot, Role::operates},
      {"9", "Factory reset", &Menu::factory_reset, Role::owner},
      {"0", "Command line", &Menu::command_line, Role::help_desk},
      {"c", "Keep the change that waits (confirm)", &Menu::keep_change, Role::operates},
      {"q", "Log out", &Menu::log_out, Role::none},
  });
  if (typed == kAgain) {
    std::string text = "\n";
    for (const auto& row : kRows) {
      if (row.key == "c" && !watch_.minutes_left()) continue;
      text += "  " + std::string(row.key) + "  " + std::string(row.text) + "\n";
    }
    return desk_.print(text);
  }
  for (const auto& row : kRows) {
    if (row.key != typed) continue;
    if (row.least <= shell_.person().role) return (this->*row.entry)();
    say("your role may not do that");
    return ask();
  }
  if (!typed.empty()) say("0 to 9, or q");
  begin();
}

void Menu::show() {
  chosen(std::string(kAgain));
}

void Menu::ask() {
  desk_.prompt({.text = "choice: ",
                .entered =
                    [this](std::string typed) {
                      while (typed.ends_with(' ')) typed.pop_back();
                      if (typed == kAgain) return begin();
                      chosen(typed);
                    },
                .left = [this] { begin(); },
                .key =
                    [this](const Key& key) {
                      if (key.kind != Key::Kind::end_of_input || !desk_.editor().text().empty()) return false;
                      desk_.editor().insert("q");
                      return desk_.enter(), true;
                    }});
}

// One answer of a conversation; Ctrl-C goes back to the menu.
void Menu::line(const std::string& text, std::function<void(std::string)> then) {
  desk_.prompt({.text = text, .entered = std::move(then), .left = [this] { begin(); }});
}

void Menu::do_command(const std::string& command) {
  shell_.execute(command, [this] { back(); });
}

void Menu::status() {
  do_command("show status");
}

void Menu::restart() {
  do_command("request restart mail");
}

void Menu::reset_access() {
  line("whose password? [" + shell_.person().name + "] ", [this](const std::string& name) {
    login_.reset_password(name.empty() ? shell_.person().name : name, [this] { back(); });
  });
}

void Menu::update() {
  line("'usb' or the bundle's file; 's' starts the other slot: ", [this](const std::string& source) {
    if (source.empty()) return begin();
    do_command(source == "s" ? "request system switch-slot" : "request system update " + quote_word(source));
  });
}

void Menu::diagnostics() {
  say("  1  what TLS is insisted on for a domain, and why\n"
      "  2  connect to a domain's mail servers\n"
      "  3  what was refused, and how often\n"
      "  4  the last messages\n"
      "  5  settings, cores, history: everything a supporter asks for, without secrets");
  line("which? ", [this](const std::string& choice) { diagnose(choice); });
}

void Menu::diagnose(const std::string& choice) {
  if (choice == "1" || choice == "2") {
    const auto command = choice == "1" ? std::string("show tls policy ") : std::string("request probe ");
    return line("domain: ", [this, command](const std::string& domain) {
      if (domain.empty()) return begin();
      do_command(command + quote_word(domain));
    });
  }
  if (choice == "3") return do_command("show counters");
  if (choice == "4") return do_command("show log");
  if (choice != "5") return begin();
  shell_.execute("show status", [this] {
    shell_.execute("show state", [this] {
      shell_.execute("show history", [this] {
        shell_.execute("show settings", [this] { do_command("show counters all"); });
      });
    });
  });
}

void Menu::reboot() {
  line("'r' reboots, 'p' switches off: ", [this](const std::string& choice) {
    if (choice == "r") return do_command("request system reboot");
    if (choice == "p") return do_command("request system power-off");
    begin();
  });
}

void Menu::factory_reset() {
  do_command("request system factory-reset");
}

void Menu::keep_change() {
  do_command("confirm");
}

void Menu::command_line() {
  say("Tab completes, ? helps, `menu` comes back here, `exit` logs out.");
  shell_.ask_line();
}

void Menu::log_out() {
  shell_.execute("quit", [this] { begin(); });
}

}  // namespace postern::control::console
