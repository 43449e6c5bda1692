// A line is read, understood and carried out: see the header.
#include "firmware/control/console/shell.hpp"

#include "firmware/control/cli/table.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

namespace {

using Kind = Request::Kind;

std::string_view role_word(Role role) {
  switch (role) {
    case Role::owner:
      return "owner";
    case Role::operates:
      return "operator";
    case Role::auditor:
      return "auditor";
    default:
      return "helpdesk";
  }
}

std::string text_of(const Json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void Shell::begin(Person person, Then left, Then menu) {
  person_ = std::move(person);
  left_ = std::move(left);
  menu_ = std::move(menu);
  history_ = {};
  configuring_ = exclusive_ = false;
  path_.clear();
  desk_.busy();
  learn([this] { menu_(); });
}

// Names for completion, and the name for the prompt.
void Shell::learn(Then then) {
  ask_door({{"command", "settings.schema"}}, [this, then](const Json& schema) {
    vocabulary_.learn(schema);
    ask_door({{"command", "settings.show"}, {"of", "running"}}, [this, then](const Json& values) {
      vocabulary_.learn_values(values);
      const auto all = values.find("values");
      host_ = all != values.end() && all->is_object() ? text_of(*all, "host_name") : std::string();
      host_ = cli::printable(host_.substr(0, std::min<std::size_t>(host_.find('.'), 20)));
      then();
    });
  });
}

std::uint64_t Shell::ask_door(Json question, Desk::OnAnswer then) {
  question["actor"] = {{"name", person_.name}, {"source", "console"}, {"role", role_word(person_.role)}};
  return desk_.ask(Kind::door, std::move(question), std::move(then));
}

std::string Shell::prompt_text() const {
  auto text = person_.name.substr(0, 16) + "@" + (host_.empty() ? "postern" : host_);
  if (!path_.empty()) text += " " + path_;
  return cli::printable(text) + (configuring_ ? "# " : "> ");
}

void Shell::ask_line() {
  history_.rest();
  desk_.prompt({.text = prompt_text(),
                .entered = [this](std::string line) { entered(std::move(line)); },
                .left = [this] { ask_line(); },
                .changed = [this] { mask(); },
                .key = [this](const Key& key) { return this->key(key); }});
}

void Shell::entered(std::string line) {
  remember(line);
  do_line(line, mode(), [this] { ask_line(); });
}

// What was masked is cut off; a line that could hold a secret by mistake is not kept at all.
void Shell::remember(const std::string& line) {
  const auto from = secret_from(line);
  auto kept = line.substr(0, from);
  while (kept.ends_with(' ')) kept.pop_back();
  history_.add(kept);
}

void Shell::execute(const std::string& line, Then then) {
  do_line(line, Mode::operate, std::move(then));
}

void Shell::do_line(const std::string& line, Mode mode, Then then) {
  const auto split = split_line(line);
  if (split.open) return fail("a quote has no end", then);
  if (split.parts.size() == 1 && split.parts[0].empty()) return then();
  auto call = understand(texts(split.parts[0]), mode);
  if (!call) return fail(call.error().reason + " (? helps)", then);
  auto pipes = read_pipes(std::span(split.parts).subspan(1));
  if (!pipes) return fail(pipes.error().reason, then);
  if (call->row->least > person_.role)
    return fail("your role may not do that: it takes at least " + std::string(role_word(call->row->least)),
                then);
  perform({std::move(*call), std::move(*pipes), std::move(then)});
}

void Shell::fail(const std::string& text, const Then& then) {
  desk_.print("error: " + text + "\n");
  then();
}

void Shell::perform(Task task) {
  auto& arguments = task.call.arguments;
  if (const auto name = arguments.find("setting"); name != arguments.end() && configuring_)
    name->second = whole_name(name->second);
  if (task.call.row->does == "settings.set" && arguments.count("value") == 0)
    return wants_secret(std::move(task));
  if (task.call.row->warning.empty()) return carry_out(std::move(task));
  sure(std::move(task));
}

void Shell::sure(Task task) {
  desk_.print(std::string(task.call.row->warning) + "\n");
  const auto then = task.then;
  desk_.prompt({.text = "Really? Type yes: ",
                .entered =
                    [this, task](const std::string& typed) mutable {
                      if (typed == "yes") return carry_out(std::move(task));
                      desk_.print("nothing was done\n");
                      task.then();
                    },
                .left = then});
}

void Shell::wants_secret(Task task) {
  const auto name = task.call.arguments["setting"];
  if (!vocabulary_.secret(name)) return fail("which value for " + name + "? (? helps)", task.then);
  const auto then = task.then;
  desk_.prompt({.text = "value (not shown): ",
                .hidden = true,
                .entered =
                    [this, task](const std::string& typed) mutable {
                      if (typed.empty()) return fail("nothing was typed, nothing is changed", task.then);
                      task.call.arguments["value"] = typed;
                      carry_out(std::move(task));
                    },
                .left = then});
}

struct Shell::OwnRow {
  std::string_view does;
  Own own;
};

void Shell::carry_out(Task task) {
  static constexpr auto kOwn = std::to_array<OwnRow>({{"configure", &Shell::configure},
                                                      {"exit", &Shell::leave},
                                                      {"quit", &Shell::quit},
                                                      {"menu", &Shell::menu},
                                                      {"help", &Shell::help},
                                                      {"password", &Shell::password},
                                                      {"add", &Shell::add},
                                                      {"remove", &Shell::remove},
                                                      {"edit", &Shell::edit},
                                                      {"up", &Shell::up},
                                                      {"top", &Shell::top},
                                                      {"show", &Shell::show_here},
                                                      {"run", &Shell::run},
                                                      {"monitor mail", &Shell::monitor},
                                                      {"monitor dataplane", &Shell::monitor},
                                                      {"monitor queue", &Shell::monitor}});
  if (task.call.row->act == Act::ask) return by_door(std::move(task));
  if (task.call.row->act == Act::program) return by_program(std::move(task));
  for (const auto& one : kOwn) {
    if (one.does == task.call.row->does) return (this->*one.own)(std::move(task));
  }
  fail("this console does not know how to do that", task.then);
}

void Shell::by_door(Task task) {
  const auto& row = *task.call.row;
  Json question = row.question != nullptr ? row.question(task.call.arguments) : Json::object();
  question["command"] = row.does;
  const bool changes =
      row.does == "settings.commit" || row.does == "settings.confirm" || row.does == "settings.factory_reset";
  const auto ticket = ask_door(std::move(question), [this, task, changes](const Json& answer) {
    if (changes) watch_.own_change();
    if (task.call.row->does == "settings.history") {
      generations_.clear();
      for (const auto& one : answer.value("generations", Json::array()))
        generations_.push_back({one.at("generation").dump(),
                                harmless(one.value("time", "") + "  " + one.value("comment", "")), true});
    }
    show_answer(task, answer);
  });
  desk_.busy([this, ticket, then = task.then] {
    desk_.stop(ticket);
    desk_.print("not waiting any longer; it may be done all the same\n");
    then();
  });
}

void Shell::show_answer(const Task& task, const Json& answer) {
  if (!wants_json(task.pipes) && tell_error(answer)) return task.then();
  desk_.begin_pages(task.pipes, {}, task.then);
  if (wants_json(task.pipes) || task.call.row->view == nullptr) {
    desk_.page_text(answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    desk_.page_text(task.call.row->view(answer, task.call.arguments, desk_.look()));
  }
  desk_.end_pages();
}

bool Shell::tell_error(const Json& answer) {
  const auto error = answer.find("error");
  if (error == answer.end()) return false;
  desk_.print("error: " + (error->is_string() ? error->get<std::string>() : error->dump()) + "\n");
  const auto faults = answer.find("faults");
  for (const auto& fault : faults == answer.end() || !faults->is_array() ? Json::array() : *faults) {
    const auto text = fault.is_string()   ? fault.get<std::string>()
                      : fault.is_object() ? text_of(fault, "text")
                                          : "";
    const auto name = fault.is_object() ? text_of(fault, "name") : std::string();
    desk_.print("  " + (text.starts_with(name) ? "" : name + ": ") + text + "\n");
  }
  return true;
}

void Shell::by_program(Task task) {
  auto words = program_words(*task.call.row, task.call.arguments);
  if (wants_json(task.pipes)) words.emplace_back("--json");
  const auto ticket = std::make_shared<std::uint64_t>(0);
  desk_.begin_pages(
      task.pipes, [this, ticket] { desk_.stop(*ticket); }, task.then);
  *ticket = desk_.run(
      std::move(words), [this](std::string line) { desk_.page(std::move(line)); },
      [this](const Json& answer) {
        if (answer.contains("error")) desk_.page("error: " + text_of(answer, "error"));
        // What it had to say it said; a program that was ended said nothing.
        if (answer.value("status", 0) > 125)
          desk_.page("error: the command came to no end (" + std::to_string(answer.value("status", 0)) + ")");
        desk_.end_pages();
      });
}

}  // namespace postern::control::console
