// What goes with the questions to the door, made of the words of a command.
#include "firmware/control/console/commands.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console::ask {

namespace {

std::string text(const Arguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::string() : found->second;
}

std::uint64_t number(const Arguments& arguments, std::string_view name, std::uint64_t otherwise) {
  return ipc::read_integer(text(arguments, name)).value_or(otherwise);
}

// A comment's words, with blanks between them again.
std::string sentence(std::string words) {
  for (auto& c : words) {
    if (c == ipc::kListSeparator) c = ' ';
  }
  return words;
}

}  // namespace

Json running(const Arguments&) {
  return {{"of", "running"}};
}

Json candidate(const Arguments&) {
  return {{"of", "candidate"}};
}

// What is no number is said as it is: the door names what is wrong with it.
Json generation(const Arguments& arguments) {
  const auto given = text(arguments, "generation");
  const auto read = ipc::read_integer(given);
  const Json value = read ? Json(*read) : Json(given);
  return {{"generation", value}, {"of", value}, {"from", value}};
}

Json changes(const Arguments& arguments) {
  const auto to = number(arguments, "generation", 0);
  return {{"from", to > 0 ? to - 1 : 0}, {"to", to}};
}

Json history(const Arguments& arguments) {
  return {{"most", number(arguments, "number", 20)}};
}

Json value(const Arguments& arguments) {
  return {{"name", text(arguments, "setting")}, {"value", text(arguments, "value")}};
}

Json name(const Arguments& arguments) {
  return {{"name", text(arguments, "setting")}};
}

Json commit(const Arguments& arguments) {
  const auto comment = sentence(text(arguments, "text"));
  return comment.empty() ? Json::object() : Json{{"comment", comment}};
}

Json commit_confirmed(const Arguments& arguments) {
  auto question = commit(arguments);
  const auto given = text(arguments, "minutes");
  const auto minutes = ipc::read_integer(given);
  if (given.empty() || minutes) {
    question["confirm_minutes"] = minutes.value_or(10);
  } else {
    question["confirm_minutes"] = given;
  }
  return question;
}

Json rescue_save(const Arguments&) {
  return {{"do", "save"}};
}

Json rescue_load(const Arguments&) {
  return {{"do", "load"}};
}

Json sure(const Arguments&) {
  return {{"sure", true}};
}

Json source(const Arguments& arguments) {
  const auto from = text(arguments, "source");
  return {{from.find("://") != std::string::npos ? "url" : "file", from}, {"sure", true}};
}

Json lock(const Arguments&) {
  return {{"on", true}};
}

Json unlock(const Arguments&) {
  return {{"on", false}};
}

}  // namespace postern::control::console::ask
