// Answers about settings as text for people. Whatever an answer holds is made printable first.
#include "firmware/control/console/commands.hpp"

#include "firmware/control/cli/table.hpp"
#include "firmware/control/console/vocabulary.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console::view {

namespace {

using cli::Colour;
using cli::paint;
using cli::printable;
using cli::Table;

std::string word(const Json& from, const char* key) {
  const auto found = from.find(key);
  if (!from.is_object() || found == from.end() || found->is_null()) return {};
  return printable(found->is_string() ? found->get<std::string>() : found->dump());
}

std::uint64_t number(const Json& from, const char* key) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  return found != from.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

const Json& part(const Json& from, const char* key) {
  static const Json kNone = Json::array();
  const auto found = from.is_object() ? from.find(key) : from.end();
  return found == from.end() ? kNone : *found;
}

// "2026-11-22 20:43:05" of a time in RFC 3339.
std::string moment(std::string time) {
  if (time.size() > 19 && time[10] == 'T') time = time.substr(0, 10) + " " + time.substr(11, 8);
  return time;
}

std::string on_one_line(const std::string& value) {
  std::string all;
  for (const auto element : ipc::split_list(value)) all += (all.empty() ? "" : ", ") + printable(element);
  return all;
}

std::string fault_lines(const Json& faults, std::string_view label, Colour colour, Look look) {
  std::string all;
  for (const auto& fault : faults) {
    const auto name = word(fault, "name");
    const auto text = fault.is_string() ? printable(fault.get<std::string>()) : word(fault, "text");
    const bool named = name.empty() || text.starts_with(name);
    all += paint(label, colour, look.colour) + (named ? "" : name + ": ") + text + "\n";
  }
  return all;
}

std::string restart_line(const Json& names) {
  std::string all;
  for (const auto& name : names) {
    if (name.is_string()) all += (all.empty() ? "" : ", ") + printable(name.get<std::string>());
  }
  return all.empty() ? "" : "takes effect after `request restart mail`: " + all + "\n";
}

// Lists are compared element by element.
std::string change_lines(const Json& change, Look look) {
  const auto split = [](const Json& from, const char* key) {
    std::vector<std::string> all;
    const auto found = from.find(key);
    if (found == from.end() || !found->is_string()) return all;
    for (const auto one : ipc::split_list(found->get_ref<const std::string&>())) all.emplace_back(one);
    return all;
  };
  const auto name = word(change, "name");
  const auto before = split(change, "before");
  const auto after = split(change, "after");
  const auto lines = [&](const auto& these, const auto& those, const char* sign, Colour colour) {
    std::string all;
    for (const auto& one : these) {
      if (std::find(those.begin(), those.end(), one) == those.end())
        all += paint(sign + name + " " + printable(one), colour, look.colour) + "\n";
    }
    return all;
  };
  auto all = lines(before, after, "- ", Colour::red) + lines(after, before, "+ ", Colour::green);
  return all.empty() ? "  " + name + " (order)\n" : all;
}

}  // namespace

std::string values(const Json& answer, const Arguments& arguments, Look look) {
  const auto wanted = arguments.find("setting");
  Table table({{"SETTING"}, {"VALUE"}});
  for (const auto& [name, value] : part(answer, "values").items()) {
    if (wanted != arguments.end() && !name.starts_with(wanted->second)) continue;
    const auto text = value.is_string() ? value.get<std::string>() : value.dump();
    table.add({name, on_one_line(text)});
  }
  if (table.empty())
    return "nothing is set" + (wanted == arguments.end() ? "" : " that begins with " + wanted->second) + "\n";
  return table.text(0, look.colour);
}

std::string described(const Json& answer, const Arguments& arguments, Look look) {
  const auto name = arguments.find("setting") == arguments.end() ? "" : arguments.find("setting")->second;
  std::string all;
  for (const auto& row : part(answer, "settings")) {
    const auto own = word(row, "name");
    if (!is_of(name, own) && own != name) continue;
    all += paint(own, Colour::bold, look.colour) + "\n  " + word(row, "help") + "\n";
    for (const auto* key : {"what_fits", "unit", "default", "takes", "who", "group"}) {
      const auto text = word(row, key);
      if (!text.empty())
        all += "  " + std::string(key) + std::string(10 - std::string_view(key).size(), ' ') + text + "\n";
    }
    if (word(row, "list") == "true") all += "  list      several values\n";
    if (word(row, "secret") == "true") all += "  secret    never shown\n";
  }
  return all.empty() ? "there is no setting " + printable(name) + "\n" : all;
}

std::string compare(const Json& answer, const Arguments&, Look look) {
  std::string all;
  for (const auto& change : part(answer, "changes")) all += change_lines(change, look);
  return all.empty() ? "no difference\n" : all;
}

std::string history(const Json& answer, const Arguments&, Look look) {
  Table table({{"GENERATION", Table::Align::right},
               {"TIME (UTC)"},
               {"BY"},
               {"FROM"},
               {"CHANGES", Table::Align::right},
               {"COMMENT"}});
  for (const auto& one : part(answer, "generations")) {
    const auto changes = part(one, "changes");
    table.add({word(one, "generation"), moment(word(one, "time")), word(one, "author"), word(one, "source"),
               changes.is_array() ? std::to_string(changes.size()) : word(one, "changes"),
               word(one, "comment") + (word(one, "confirmed") == "false" ? " (not confirmed)" : "")});
  }
  return table.empty() ? "no generations yet\n" : table.text(look.width, look.colour);
}

std::string state(const Json& answer, const Arguments&, Look look) {
  std::string all = "generation in force   " + word(answer, "running") + "\n";
  const auto& applied = part(answer, "applied");
  if (applied.is_object())
    all += "cores have            " + word(applied, "generation") + " " + word(applied, "cores") + "\n";
  all += "changes in candidate  " + std::to_string(number(answer, "candidate_changes")) + "\n";
  if (const auto by = word(answer, "locked_by"); !by.empty()) all += "locked by             " + by + "\n";
  const auto& confirm = part(answer, "confirm");
  if (confirm.is_object())
    all += paint("goes back unless confirmed by " + moment(word(confirm, "until")) + " UTC: `confirm`",
                 Colour::yellow, look.colour) +
           "\n";
  return all;
}

std::string changed(const Json& answer, const Arguments&, Look look) {
  auto all = fault_lines(part(answer, "faults"), "wrong: ", Colour::red, look);
  const auto count = number(answer, "changes");
  return all + (count == 0
                    ? "the candidate is as what is in force\n"
                    : std::to_string(count) + (count == 1 ? " change" : " changes") + " in the candidate\n");
}

std::string checked(const Json& answer, const Arguments&, Look look) {
  const auto& faults = part(answer, "faults");
  return fault_lines(faults, "wrong: ", Colour::red, look) +
         fault_lines(part(answer, "warnings"), "warning: ", Colour::yellow, look) +
         restart_line(part(answer, "restart")) +
         (faults.empty() ? "the candidate is right\n" : "commit would not take it\n");
}

std::string committed(const Json& answer, const Arguments&, Look look) {
  auto all = "generation " + word(answer, "generation") + " is in force\n" +
             restart_line(part(answer, "waiting_for_restart"));
  const auto until = word(answer, "confirm_until");
  if (!until.empty())
    all += paint("it goes back at " + moment(until) + " UTC unless you say `confirm`", Colour::yellow,
                 look.colour) +
           "\n";
  return all;
}

std::string keys(const Json& answer, const Arguments&, Look look) {
  Table table(
      {{"NAME"}, {"KIND"}, {"USE"}, {"FOR"}, {"DAYS LEFT", Table::Align::right}, {"STATE"}, {"SHA-256"}});
  for (const auto& one : part(answer, "entries")) {
    const auto subject =
        word(one, "domain").empty() ? word(one, "names") : word(one, "selector") + "." + word(one, "domain");
    table.add({word(one, "name"), word(one, "kind"), word(one, "use"), subject, word(one, "days_left"),
               word(one, "state"), word(one, "fingerprint")});
  }
  return table.empty() ? "no keys\n" : table.text(look.width, look.colour);
}

std::string version(const Json& answer, const Arguments&, Look) {
  const auto slot = word(answer, "slot");
  return "Postern " + word(answer, "version") + (slot.empty() ? "" : ", slot " + slot) + "\nhost " +
         word(answer, "host_name") + "\ncontrol since " + moment(word(part(answer, "control"), "since")) +
         " UTC\n";
}

std::string done(const Json& answer, const Arguments&, Look) {
  for (const auto* key : {"done", "said", "will", "note"}) {
    const auto text = word(answer, key);
    if (!text.empty() && text != "true") return text + "\n";
  }
  return "done\n";
}

}  // namespace postern::control::console::view
