// The typed reads of a TOML table.
#include "platform/board/reader.hpp"

#include <algorithm>

namespace postern::board {
namespace {

std::string range_text(std::int64_t least, std::int64_t most) {
  return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

bool printable(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

}  // namespace

Reader::Reader(const toml::table& table, std::string source, std::string section, Faults& faults,
               Lines& lines)
    : table_(table),
      source_(std::move(source)),
      section_(std::move(section)),
      faults_(faults),
      lines_(lines) {
  for (const auto& [key, node] : table_) {
    const std::string text(key.str());
    lines_[section_.empty() ? text : section_ + " " + text] = place(text);
  }
  if (!section_.empty()) lines_[section_] = place("");
}

std::string Reader::place(std::string_view key) const {
  const auto* node = table_.get(key);
  const auto line = node != nullptr ? node->source().begin.line : table_.source().begin.line;
  return line == 0 ? source_ : source_ + ": line " + std::to_string(line);
}

void Reader::complain(std::string_view key, std::string_view what) {
  std::string line = place(key) + ": ";
  if (!section_.empty()) line += section_ + " ";
  line.append(key).append(" ").append(what);
  faults_.push_back(Fault{std::move(line)});
}

const toml::node* Reader::find(std::string_view key) {
  asked_.emplace(key);
  return table_.get(key);
}

bool Reader::usable(std::string_view key, const toml::node& node, std::size_t longest) {
  const auto* value = node.as_string();
  if (value == nullptr) return complain(key, "must be text in quotes"), false;
  if (value->get().size() > longest)
    return complain(key, "is too long: at most " + std::to_string(longest) + " bytes"), false;
  if (!printable(value->get())) return complain(key, "has a control character in it: remove it"), false;
  return true;
}

void Reader::text(std::string_view key, std::string& field, std::size_t longest) {
  const auto* node = find(key);
  if (node != nullptr && usable(key, *node, longest)) field = node->as_string()->get();
}

void Reader::texts(std::string_view key, std::vector<std::string>& field, std::size_t most,
                   std::size_t longest) {
  const auto* node = find(key);
  if (node == nullptr) return;
  std::vector<std::string> values;
  if (const auto* list = node->as_array()) {
    if (list->size() > most) return complain(key, "has too many items: at most " + std::to_string(most));
    for (const auto& item : *list) {
      if (!usable(key, item, longest)) return;
      values.push_back(item.as_string()->get());
    }
  } else {
    if (!usable(key, *node, longest)) return;
    values.push_back(node->as_string()->get());
  }
  field = std::move(values);
}

void Reader::choice(std::string_view key, std::string& field, std::string_view words) {
  std::string value = field;
  text(key, value, 64);
  for (auto rest = words; !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == value) {
      field = value;
      return;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  complain(key, "must be one of: " + std::string(words));
}

void Reader::flag(std::string_view key, bool& field) {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto* value = node->as_boolean();
  if (value == nullptr) return complain(key, "must be true or false");
  field = value->get();
}

bool Reader::whole_number(std::string_view key, std::int64_t& value, std::int64_t least, std::int64_t most) {
  const auto* node = find(key);
  if (node == nullptr) return false;
  const auto* number = node->as_integer();
  if (number == nullptr || number->get() < least || number->get() > most) {
    complain(key, range_text(least, most));
    return false;
  }
  value = number->get();
  return true;
}

void Reader::numbers(std::string_view key, std::vector<std::uint16_t>& field, std::int64_t least,
                     std::int64_t most) {
  const auto* list = array(key);
  if (list == nullptr) return;
  std::vector<std::uint16_t> values;
  for (const auto& node : *list) {
    const auto* number = node.as_integer();
    if (number == nullptr || number->get() < least || number->get() > most) {
      return complain(key, "must be a list; each item " + range_text(least, most));
    }
    values.push_back(static_cast<std::uint16_t>(number->get()));
  }
  field = std::move(values);
}

const toml::table* Reader::table(std::string_view key) {
  const auto* node = find(key);
  if (node != nullptr && !node->is_table())
    complain(key, "must be a table: write [" + std::string(key) + "]");
  return node != nullptr ? node->as_table() : nullptr;
}

const toml::array* Reader::array(std::string_view key) {
  const auto* node = find(key);
  if (node != nullptr && !node->is_array()) complain(key, "must be a list");
  return node != nullptr ? node->as_array() : nullptr;
}

void Reader::finish() {
  for (const auto& [key, node] : table_) {
    if (asked_.contains(key.str())) continue;
    std::string known;
    for (const auto& name : asked_) known += (known.empty() ? "" : ", ") + name;
    complain(key.str(), "is not a key of a board: known here are " + known);
  }
}

}  // namespace postern::board
