// Logging in: see the header.
#include "firmware/control/console/login.hpp"

namespace postern::control::console {

namespace {

using Kind = Request::Kind;

// Whoever has to type this can see the screen of this very line.
constexpr std::string_view kRecover = "recover";
constexpr std::string_view kFirst = "admin";
constexpr std::size_t kShortest = 10;

bool truth(const Json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_boolean() && found->get<bool>();
}

std::string text(const Json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void Login::begin() {
  facts_ = {};
  desk_.busy();
  desk_.ask_size();
  gather(0);
}

// One question after the other; what fails is simply not shown.
void Login::gather(int step) {
  const auto keep = [this, step](Json& into) {
    return [this, step, &into](const Json& answer) {
      into = answer;
      gather(step + 1);
    };
  };
  switch (step) {
    case 0:
      desk_.ask(Kind::door, {{"command", "status"}}, keep(facts_.status));
      return;
    case 1:
      desk_.ask(Kind::box, {{"do", "addresses"}}, keep(facts_.addresses));
      return;
    case 2:
      desk_.ask(Kind::door, {{"command", "keys.show"}, {"name", "web"}}, keep(facts_.web));
      return;
    case 3:
      desk_.ask(Kind::door, {{"command", "settings.show"}, {"of", "running"}},
                [this, step](const Json& answer) {
                  facts_.addresses["values"] = answer.value("values", Json::object());
                  gather(step + 1);
                });
      return;
    case 4:
      desk_.ask(Kind::account, {{"do", "setup"}}, keep(facts_.setup));
      return;
    default:
      break;
  }
  desk_.print(banner_text(facts_, station_));
  desk_.ask(Kind::account, {{"do", "state"}}, [this](const Json& answer) {
    passwords_ = !answer.contains("passwords") || truth(answer, "passwords");
    if (!station_.known_as.empty()) return in_({station_.known_as, Role::owner});
    passwords_ ? ask_name() : first_boot();
  });
}

void Login::ask_name() {
  desk_.prompt({.text = "login: ", .entered = [this](const std::string& name) { named(name); }});
}

void Login::named(const std::string& name) {
  if (name.empty()) return begin();
  if (name == kRecover) return recover();
  ask_password(name);
}

void Login::ask_password(const std::string& name) {
  desk_.prompt({.text = "password: ",
                .hidden = true,
                .entered =
                    [this, name](const std::string& password) {
                      desk_.busy();
                      desk_.ask(Kind::account, {{"do", "login"}, {"name", name}, {"password", password}},
                                [this, name](const Json& answer) {
                                  if (!truth(answer, "ok")) return refused();
                                  failures_ = 0;
                                  in_({name, role_of(text(answer, "role"))});
                                });
                    },
                .left = [this] { ask_name(); }});
}

void Login::refused() {
  const auto seconds = std::chrono::seconds(std::min(30u, 1u << std::min(failures_, 5u)));
  ++failures_;
  waiting_ = true;
  wait_until_ = desk_.now() + seconds;
  desk_.print("That is not right. At the box itself, 'recover' as the name gives a new password.\n");
}

void Login::tick(Instant now) {
  if (!waiting_ || now < wait_until_) return;
  waiting_ = false;
  ask_name();
}

void Login::first_boot() {
  if (station_.physical) {
    desk_.print("No password is set yet. Whoever is at this line may begin.\n");
    desk_.prompt({.text = "Press Enter to begin: ", .entered = [this](const std::string&) {
                    in_({std::string(kFirst), Role::owner});
                  }});
    return;
  }
  desk_.print("No password is set yet. The setup code is on the screen of the box itself.\n");
  desk_.prompt({.text = "setup code: ", .hidden = true, .entered = [this](const std::string& typed) {
                  claim(typed);
                }});
}

void Login::claim(const std::string& typed) {
  desk_.busy();
  desk_.ask(Kind::account, {{"do", "claim"}, {"code", typed}}, [this](const Json& answer) {
    if (truth(answer, "ok")) return in_({std::string(kFirst), Role::owner});
    refused();
  });
}

void Login::recover() {
  desk_.prompt({.text = "whose password? [admin] ",
                .entered =
                    [this](const std::string& name) {
                      reset_password(name.empty() ? std::string(kFirst) : name, [this] { begin(); });
                    },
                .left = [this] { ask_name(); }});
}

void Login::reset_password(const std::string& name, std::function<void()> then) {
  if (!station_.physical) {
    desk_.print("A password is given anew only at the box's own serial line.\n");
    return then();
  }
  desk_.busy();
  desk_.ask(Kind::box, {{"do", "code"}}, [this, name, then](const Json& answer) {
    const auto code = text(answer, "code");
    if (code.empty()) {
      desk_.print("There is no random number to be had: try again.\n");
      return then();
    }
    desk_.print("This is written to the audit log, and the second factor of " + harmless(name) +
                " goes as well.\nTo show that you see this screen, type " + code + "\n");
    desk_.prompt({.text = "code: ",
                  .entered =
                      [this, name, code, then](const std::string& typed) {
                        if (typed == code) return new_password(name, true, then);
                        desk_.print("That is not the code.\n");
                        then();
                      },
                  .left = then});
  });
}

void Login::new_password(const std::string& name, bool second_factor, std::function<void()> then) {
  const auto set = [this, name, second_factor, then](const std::string& password) {
    desk_.busy();
    desk_.ask(
        Kind::account,
        {{"do", "set_password"}, {"name", name}, {"password", password}, {"second_factor", second_factor}},
        [this, then](const Json& answer) {
          const auto error = text(answer, "error");
          desk_.print(error.empty() ? "The password is set.\n" : "It was not set: " + error + "\n");
          then();
        });
  };
  const auto again = [this, set, then](const std::string& first) {
    if (first.size() < kShortest) {
      desk_.print("At least ten characters, please; nothing was changed.\n");
      return then();
    }
    desk_.prompt({.text = "once more: ",
                  .hidden = true,
                  .entered =
                      [this, first, set, then](const std::string& second) {
                        if (first == second) return set(first);
                        desk_.print("The two differ; nothing was changed.\n");
                        then();
                      },
                  .left = then});
  };
  desk_.prompt({.text = "new password: ", .hidden = true, .entered = again, .left = then});
}

}  // namespace postern::control::console
