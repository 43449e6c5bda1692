// Commands that the console does itself: see shell.hpp.
#include "firmware/control/console/shell.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

void Shell::configure(Task task) {
  exclusive_ = task.call.arguments.count("exclusive") != 0;
  const auto go = [this, then = task.then] {
    configuring_ = true;
    ask_door({{"command", "settings.state"}}, [this, then](const Json& answer) {
      if (!tell_error(answer)) {
        const auto changes = answer.value("candidate_changes", std::uint64_t{0});
        desk_.print(changes == 0 ? "A candidate of your own: nothing takes effect before `commit`.\n"
                                 : "Your candidate has " + std::to_string(changes) +
                                       " changes from before: `compare`, `discard`.\n");
      }
      then();
    });
  };
  desk_.busy();
  if (!exclusive_) return go();
  ask_door({{"command", "settings.lock"}, {"on", true}}, [this, go, then = task.then](const Json& answer) {
    exclusive_ = !tell_error(answer);
    exclusive_ ? go() : then();
  });
}

void Shell::leave(Task task) {
  if (!configuring_) return quit(std::move(task));
  if (!path_.empty()) return top(std::move(task));
  configuring_ = false;
  desk_.busy();
  const auto done = [this, then = task.then] {
    ask_door({{"command", "settings.state"}}, [this, then](const Json& answer) {
      const auto changes = answer.value("candidate_changes", std::uint64_t{0});
      if (changes != 0)
        desk_.print("Your candidate keeps " + std::to_string(changes) +
                    (changes == 1 ? " change" : " changes") + " that nobody committed.\n");
      then();
    });
  };
  if (!std::exchange(exclusive_, false)) return done();
  ask_door({{"command", "settings.lock"}, {"on", false}}, [done](const Json&) { done(); });
}

void Shell::quit(Task) {
  desk_.busy();
  if (!std::exchange(exclusive_, false)) return left_();
  ask_door({{"command", "settings.lock"}, {"on", false}}, [this](const Json&) { left_(); });
}

void Shell::menu(Task) {
  menu_();
}

void Shell::help(Task task) {
  std::string front;
  const auto given = task.call.arguments.find("command");
  if (given != task.call.arguments.end()) front = given->second;
  for (auto& c : front) {
    if (c == ipc::kListSeparator) c = ' ';
  }
  desk_.begin_pages(task.pipes, {}, task.then);
  if (front.empty())
    desk_.page_text(
        "Tab completes, ? tells what may follow, words may be cut short. `help show log` is a manual page.\n"
        "Behind a command: | match TEXT, | except TEXT, | begin TEXT, | last N, | count, | json, | no-more\n"
        "> are commands, # those within `configure`.\n\n");
  desk_.page_text(manual(front));
  desk_.end_pages();
}

void Shell::password(Task task) {
  login_.new_password(person_.name, false, task.then);
}

void Shell::add(Task task) {
  change_list(std::move(task), true);
}

void Shell::remove(Task task) {
  change_list(std::move(task), false);
}

// A list as it is in the candidate, with elements more or fewer.
void Shell::change_list(Task task, bool adds) {
  desk_.busy();
  const auto name = task.call.arguments["setting"];
  const auto* known = vocabulary_.find(name);
  if (known != nullptr && (!known->list || known->secret))
    return fail(name + (known->secret ? " is secret: only `set` changes it" : " is no list: use `set`"),
                task.then);
  ask_door({{"command", "settings.show"}, {"of", "candidate"}}, [this, task, name, adds](const Json& answer) {
    if (tell_error(answer)) return task.then();
    const auto text = answer.value("values", Json::object()).value(name, "");
    std::vector<std::string> elements;
    for (const auto one : ipc::split_list(text)) {
      if (!one.empty()) elements.emplace_back(one);
    }
    for (const auto one : ipc::split_list(task.call.arguments.at("value"))) {
      const auto found = std::find(elements.begin(), elements.end(), one);
      if (adds && found == elements.end()) elements.emplace_back(one);
      if (!adds && found != elements.end()) elements.erase(found);
      if (!adds && found == elements.end()) desk_.print("not there: " + std::string(one) + "\n");
    }
    ask_door({{"command", "settings.set"},
              {"name", name},
              {"value", ipc::join_list(elements, std::string(1, ipc::kListSeparator))}},
             [this, task](const Json& changed) {
               auto shown = task;
               shown.call.row = understand(std::vector<std::string>{"discard"}, Mode::configure)->row;
               show_answer(shown, changed);
             });
  });
}

void Shell::edit(Task task) {
  auto path = task.call.arguments["path"];
  while (path.ends_with('.')) path.pop_back();
  if (path.empty()) return fail("which front? (? helps)", task.then);
  if (!vocabulary_.empty() && vocabulary_.names("", whole_name(path) + ".").empty())
    return fail("no setting begins with " + whole_name(path) + ".", task.then);
  path_ = whole_name(path);
  task.then();
}

void Shell::up(Task task) {
  const auto dot = path_.rfind('.');
  path_ = dot == std::string::npos ? std::string() : path_.substr(0, dot);
  task.then();
}

void Shell::top(Task task) {
  path_.clear();
  task.then();
}

void Shell::show_here(Task task) {
  task.call = understand(std::vector<std::string>{"show", "candidate"}, Mode::configure).value_or(task.call);
  if (!path_.empty()) task.call.arguments["setting"] = path_;
  by_door(std::move(task));
}

void Shell::run(Task task) {
  std::string line;
  for (const auto word : ipc::split_list(task.call.arguments["command"]))
    line += (line.empty() ? "" : " ") + quote_word(word);
  const bool before = std::exchange(configuring_, false);
  do_line(line, Mode::operate, [this, before, then = task.then] {
    configuring_ = before;
    then();
  });
}

void Shell::monitor(Task task) {
  monitor_.begin(std::string(task.call.row->does), task.then);
}

}  // namespace postern::control::console
