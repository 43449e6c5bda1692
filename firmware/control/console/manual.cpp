// Help out of the table: manual pages of commands, and what stands for values.
#include <array>

#include "firmware/control/console/form.hpp"
#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

namespace {

struct Value {
  std::string_view name;
  std::string_view help;
};

constexpr auto kValues = std::to_array<Value>({
    {"address", "a mail address; @example.org for everybody there, <> for notices"},
    {"age", "how long ago at least: 30m, 12h, 2d"},
    {"command", "a command"},
    {"domain", "a domain, like example.org"},
    {"generation", "number of a generation, as in `show history`"},
    {"host", "a mail server, like mx.example.org, with :port where it is not 25"},
    {"id", "the id of a message, as in `show queue` and `show log`"},
    {"minutes", "how many minutes; 10 where left out"},
    {"number", "a number"},
    {"path", "the front of names: interface.wan"},
    {"room", "part of the box: net, tcp, tls, smtp, spool, shard, dataplane, resolver"},
    {"server", "ADDRESS:PORT; `domain` takes an earlier one back"},
    {"setting", "name of a setting, or its beginning"},
    {"source", "https://host/file, or the path of a file on the box"},
    {"text", "words to remember it by"},
    {"value", "what it should be; several for a list, in quotes where it holds a blank"},
});

std::string_view act_text(const Row& row) {
  switch (row.act) {
    case Act::ask:
      return "asks the running box";
    case Act::program:
      return "runs the command of the same name of `postern`";
    default:
      return "works on this console only";
  }
}

std::string page(const Row& row) {
  std::string all = "NAME\n  " + std::string(row.form) + " - " + std::string(row.help) + "\n";
  bool first = true;
  for (const auto& element : read_form(row.form)) {
    if (element.value.empty()) continue;
    if (first) all += "\nVALUES\n";
    first = false;
    std::string name = "<" + std::string(element.value) + ">";
    name.resize(std::max<std::size_t>(name.size(), 14), ' ');
    all += "  " + name + " " + std::string(value_help(element.value)) +
           (element.optional ? "; may be left out" : "") + "\n";
  }
  all += "\nHOW\n  It " + std::string(act_text(row)) + ".";
  all += row.mode == Mode::configure ? " Within `configure`.\n" : "\n";
  if (!row.warning.empty())
    all += "  " + std::string(row.warning) + " It asks before; scripts say `sure` at the end.\n";
  if (row.act != Act::own) all += "\nSCRIPTS\n  postern " + std::string(row.form) + " [--json]\n";
  return all;
}

}  // namespace

std::string_view value_help(std::string_view name) {
  for (const auto& value : kValues) {
    if (value.name == name) return value.help;
  }
  return name;
}

std::string manual(std::string_view front) {
  std::vector<const Row*> found;
  for (const auto& row : rows()) {
    if (row.form == front) return page(row);
    if (row.form.starts_with(front) &&
        (row.form.size() == front.size() || row.form[front.size()] == ' ' || front.empty()))
      found.push_back(&row);
  }
  if (found.size() == 1) return page(*found[0]);
  std::string all;
  for (const auto mode : {Mode::operate, Mode::both, Mode::configure}) {
    for (const auto* row : found) {
      if (row->mode != mode) continue;
      std::string form(row->form);
      form.resize(std::max<std::size_t>(form.size(), 34), ' ');
      all += (row->mode == Mode::configure ? "# " : "> ") + form + " " + std::string(row->help) + "\n";
    }
  }
  return all.empty() ? "there is no command '" + std::string(front) + "'\n" : all;
}

}  // namespace postern::control::console
