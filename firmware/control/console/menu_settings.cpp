// Entries of the menu that change settings: always through a candidate, with the difference shown first, and
// taken back unless it is confirmed. See menu.hpp.
#include "firmware/control/console/commands.hpp"
#include "firmware/control/console/menu.hpp"

namespace postern::control::console {

namespace {

std::string set_value(const Json& values, const std::string& name) {
  const auto found = values.is_object() ? values.find(name) : values.end();
  return found != values.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string on_one_line(std::string value) {
  for (auto& c : value) {
    if (c == '\n') c = ' ';
  }
  return value;
}

std::string as_list(std::string typed) {
  for (auto& c : typed) {
    if (c == ' ' || c == ',') c = '\n';
  }
  return typed;
}

}  // namespace

void Menu::network() {
  std::string known;
  for (const auto& one : shell_.vocabulary().names("", "interface."))
    known += (known.empty() ? "" : ", ") + one.text.substr(0, one.text.find('.'));
  line("which port? (" + (known.empty() ? "wan, lan" : known) + ") ", [this](const std::string& port) {
    if (port.empty()) return begin();
    network_of(port);
  });
}

void Menu::network_of(const std::string& port) {
  const auto front = "interface." + port + ".";
  desk_.busy();
  shell_.ask_door({{"command", "settings.show"}, {"of", "running"}}, [this, front](const Json& answer) {
    if (shell_.tell_error(answer)) return back();
    const auto values = answer.value("values", Json::object());
    say("now: " + on_one_line(set_value(values, front + "addresses")) + ", router " +
        on_one_line(set_value(values, front + "gateway4")));
    line("addresses (192.0.2.10/24 2001:db8::10/64; empty: as now): ",
         [this, front](const std::string& addresses) {
           line("router for IPv4 (empty: as now): ", [this, front, addresses](const std::string& router) {
             std::vector<std::pair<std::string, std::string>> values_to_set;
             if (!addresses.empty()) values_to_set.emplace_back(front + "addresses", as_list(addresses));
             if (!router.empty()) values_to_set.emplace_back(front + "gateway4", router);
             if (values_to_set.empty()) return begin();
             stage(std::move(values_to_set), "address set at the console");
           });
         });
  });
}

// All values at once into the candidate.
void Menu::stage(std::vector<std::pair<std::string, std::string>> values, const std::string& comment) {
  Json all = Json::object();
  for (const auto& [name, value] : values) all[name] = value;
  desk_.busy();
  shell_.ask_door({{"command", "settings.set"}, {"values", std::move(all)}},
                  [this, comment](const Json& answer) {
                    if (shell_.tell_error(answer)) return back();
                    offer(comment);
                  });
}

// The difference, then: ten minutes, unless it is confirmed.
void Menu::offer(const std::string& comment) {
  desk_.busy();
  shell_.ask_door({{"command", "settings.compare"}}, [this, comment](const Json& answer) {
    if (shell_.tell_error(answer)) return back();
    desk_.print(view::compare(answer, {}, desk_.look()));
    line("Put in force for ten minutes, and for good once you confirm? (yes/no) ",
         [this, comment](const std::string& typed) {
           if (typed == "yes") {
             desk_.busy();
             shell_.ask_door({{"command", "settings.commit"}, {"confirm_minutes", 10}, {"comment", comment}},
                             [this](const Json& done) {
                               watch_.own_change();
                               if (!shell_.tell_error(done)) {
                                 desk_.print(view::committed(done, {}, desk_.look()));
                                 say("Here: 'c' in this menu confirms.");
                               }
                               back();
                             });
             return;
           }
           desk_.busy();
           shell_.ask_door({{"command", "settings.discard"}}, [this](const Json&) {
             say("nothing was changed");
             back();
           });
         });
  });
}

void Menu::restore() {
  shell_.execute("show history last 20", [this] {
    line("which generation? ", [this](const std::string& typed) {
      if (typed.empty()) return begin();
      if (typed.find_first_not_of("0123456789") != std::string::npos || typed.size() > 18) {
        say("its number, please");
        return back();
      }
      desk_.busy();
      shell_.ask_door({{"command", "settings.rollback"}, {"generation", std::stoull(typed)}},
                      [this, typed](const Json& answer) {
                        if (shell_.tell_error(answer)) return back();
                        offer("generation " + typed + " restored at the console");
                      });
    });
  });
}

}  // namespace postern::control::console
