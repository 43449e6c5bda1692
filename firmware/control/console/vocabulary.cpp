// The names of settings: see the header.
#include "firmware/control/console/vocabulary.hpp"

#include <algorithm>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

namespace {

std::string text_of(const Json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->is_null() ? std::string() : found->dump();
}

std::vector<std::string> choices_of(const Json& row) {
  std::vector<std::string> all;
  const auto found = row.find("choices");
  if (found == row.end()) return all;
  if (found->is_string()) {
    for (const auto one : ipc::split_list(found->get_ref<const std::string&>(), '|')) {
      if (!one.empty()) all.emplace_back(one);
    }
  }
  if (found->is_array()) {
    for (const auto& one : *found) {
      if (one.is_string()) all.push_back(one.get<std::string>());
    }
  }
  return all;
}

bool flag_of(const Json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_boolean() && found->get<bool>();
}

std::string fits_of(const Json& row, const Known& known) {
  if (auto given = text_of(row, "what_fits"); !given.empty()) return given;
  if (known.type == "integer" || known.type == "size" || known.type == "duration") {
    const auto least = text_of(row, "least");
    const auto most = text_of(row, "most");
    return known.type + (least.empty() ? "" : " from " + least) + (most.empty() ? "" : " to " + most);
  }
  return (known.list ? "list of " : "") + known.type;
}

}  // namespace

bool is_of(std::string_view name, std::string_view pattern) {
  const auto names = ipc::split_list(name, '.');
  const auto patterns = ipc::split_list(pattern, '.');
  if (names.size() != patterns.size()) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool open = patterns[i].starts_with('<') && !names[i].empty();
    if (!open && names[i] != patterns[i]) return false;
  }
  return true;
}

void Vocabulary::learn(const Json& answer) {
  const auto rows = answer.find("settings");
  if (rows == answer.end() || !rows->is_array()) return;
  all_.clear();
  for (const auto& row : *rows) {
    if (!row.is_object() || text_of(row, "name").empty()) continue;
    Known known{.name = text_of(row, "name"),
                .type = text_of(row, "type"),
                .help = text_of(row, "help"),
                .unit = text_of(row, "unit"),
                .fits = {},
                .choices = choices_of(row),
                .list = flag_of(row, "list"),
                .secret = flag_of(row, "secret")};
    known.fits = fits_of(row, known);
    all_.push_back(std::move(known));
  }
}

void Vocabulary::learn_values(const Json& answer) {
  const auto values = answer.find("values");
  if (values == answer.end() || !values->is_object()) return;
  for (const auto& [name, ignored] : values->items()) {
    const auto* known = find(name);
    if (known == nullptr || known->name == name) continue;
    const auto steps = ipc::split_list(name, '.');
    const auto patterns = ipc::split_list(known->name, '.');
    for (std::size_t i = 0; i < std::min(steps.size(), patterns.size()); ++i) {
      if (patterns[i] != "<port>" || std::find(places_.begin(), places_.end(), steps[i]) != places_.end())
        continue;
      places_.emplace_back(steps[i]);
    }
  }
}

const Known* Vocabulary::find(std::string_view name) const {
  for (const auto& known : all_) {
    if (is_of(name, known.name)) return &known;
  }
  return nullptr;
}

bool Vocabulary::secret(std::string_view name) const {
  if (const auto* known = find(name)) return known->secret;
  const auto low = ipc::lower(name);
  for (const std::string_view word : {"password", "secret", "token", "passphrase", "credential"}) {
    if (low.find(word) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> Vocabulary::spellings(const Known& known) const {
  const auto at = known.name.find("<port>");
  if (at == std::string::npos || places_.empty()) return {known.name};
  std::vector<std::string> all;
  for (const auto& place : places_) {
    all.push_back(known.name);
    all.back().replace(at, 6, place);
  }
  return all;
}

std::vector<Candidate> Vocabulary::names(std::string_view partial, std::string_view front) const {
  std::vector<Candidate> all;
  for (const auto& known : all_) {
    for (const auto& whole : spellings(known)) {
      if (!whole.starts_with(front)) continue;
      const auto name = whole.substr(front.size());
      if (!name.starts_with(partial)) continue;
      const auto dot = name.find('.', partial.size());
      const bool last = dot == std::string::npos;
      Candidate one{last ? name : name.substr(0, dot + 1), last ? known.help : "...", last};
      if (std::none_of(all.begin(), all.end(), [&](const auto& have) { return have.text == one.text; }))
        all.push_back(std::move(one));
    }
  }
  return all;
}

std::vector<Candidate> Vocabulary::values(std::string_view name, std::string_view partial) const {
  const auto* known = find(name);
  if (known == nullptr || known->secret) return {};
  std::vector<std::string> words = known->choices;
  if (known->type == "boolean") words = {"true", "false"};
  std::vector<Candidate> all;
  for (const auto& word : words) {
    if (word.starts_with(partial)) all.push_back({word, known->help});
  }
  if (all.empty() && partial.empty()) all.push_back({"<" + known->fits + ">", known->help});
  return all;
}

}  // namespace postern::control::console
