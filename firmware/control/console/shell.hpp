// The command line of somebody who is logged in: reads a line, does what the grammar says, shows the answer.
//
// Pure; written in the services of the desk. What is secret is asked for without echo, shown as '*' where it
// is typed on the line all the same, and never kept in the history.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/control/console/desk.hpp"
#include "firmware/control/console/history.hpp"
#include "firmware/control/console/login.hpp"
#include "firmware/control/console/monitor.hpp"
#include "firmware/control/console/station.hpp"
#include "firmware/control/console/vocabulary.hpp"
#include "firmware/control/console/watch.hpp"

namespace postern::control::console {

class Shell {
 public:
  using Then = std::function<void()>;

  Shell(Desk& desk, Login& login, Watch& watch, Monitor& monitor)
      : desk_(desk), login_(login), watch_(watch), monitor_(monitor) {}

  // `left`: logged out; `menu`: the person wants it.
  void begin(Person person, Then left, Then menu);
  void ask_line();
  // One line as if it were typed, outside of configuration.
  void execute(const std::string& line, Then then);
  // A question in this person's name.
  std::uint64_t ask_door(Json question, Desk::OnAnswer then);
  // "error: ..." with all faults; true where there was an error.
  bool tell_error(const Json& answer);
  const Person& person() const { return person_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  struct Task {
    Call call;
    std::vector<Pipe> pipes;
    Then then;
  };
  using Own = void (Shell::*)(Task);
  struct OwnRow;

  void entered(std::string line);
  void do_line(const std::string& line, Mode mode, Then then);
  void perform(Task task);
  void sure(Task task);
  void carry_out(Task task);
  void by_door(Task task);
  void show_answer(const Task& task, const Json& answer);
  void by_program(Task task);
  void wants_secret(Task task);
  void remember(const std::string& line);
  void fail(const std::string& text, const Then& then);

  // Commands of the console's own.
  void configure(Task task);
  void leave(Task task);
  void quit(Task task);
  void menu(Task task);
  void help(Task task);
  void password(Task task);
  void add(Task task);
  void remove(Task task);
  void change_list(Task task, bool adds);
  void edit(Task task);
  void up(Task task);
  void top(Task task);
  void show_here(Task task);
  void run(Task task);
  void monitor(Task task);

  // Keys that mean something on the command line.
  bool key(const Key& key);
  void complete(bool list_only);
  std::vector<Candidate> candidates(std::string& partial) const;
  std::vector<Candidate> suggest(std::string_view value, std::string_view partial,
                                 const Arguments& so_far) const;
  void list(const std::vector<Candidate>& candidates);
  void mask();
  std::size_t secret_from(const std::string& line) const;

  std::string prompt_text() const;
  std::string whole_name(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }
  Mode mode() const { return configuring_ ? Mode::configure : Mode::operate; }
  void learn(Then then);

  Desk& desk_;
  Login& login_;
  Watch& watch_;
  Monitor& monitor_;
  Person person_;
  Then left_;
  Then menu_;
  Vocabulary vocabulary_;
  std::vector<Candidate> generations_;
  History history_;
  std::string host_;
  bool configuring_ = false;
  bool exclusive_ = false;
  std::string path_;
};

}  // namespace postern::control::console
