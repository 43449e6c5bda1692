// Holds a JSON value against a schema: see the header.
#include "firmware/control/admin/api/check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <regex>

#include "firmware/control/admin/api/format.hpp"

namespace postern::admin {

namespace {

constexpr auto kKnown = std::to_array<std::string_view>({"$ref",
                                                         "type",
                                                         "enum",
                                                         "const",
                                                         "minLength",
                                                         "maxLength",
                                                         "pattern",
                                                         "format",
                                                         "minimum",
                                                         "maximum",
                                                         "items",
                                                         "minItems",
                                                         "maxItems",
                                                         "uniqueItems",
                                                         "properties",
                                                         "required",
                                                         "additionalProperties",
                                                         "minProperties",
                                                         "maxProperties",
                                                         "description",
                                                         "anyOf"});

// A pattern is tried on short text only: the library's matcher is recursive.
constexpr std::size_t kLongestMatched = 1024;
constexpr std::size_t kMostFaults = 100;

bool matches(const std::string& pattern, const std::string& text) {
  static std::mutex mutex;
  static std::map<std::string, std::regex> compiled;
  const std::lock_guard lock(mutex);
  auto at = compiled.find(pattern);
  if (at == compiled.end()) at = compiled.emplace(pattern, std::regex(pattern)).first;
  return text.size() <= kLongestMatched && std::regex_match(text, at->second);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_type(const Json& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return type == "null" && value.is_null();
}

std::string_view word_for(std::string_view type) {
  static const std::map<std::string_view, std::string_view> kWords{
      {"string", "a text"},   {"boolean", "true or false"}, {"integer", "a whole number"},
      {"number", "a number"}, {"array", "a list"},          {"object", "an object"},
      {"null", "null"}};
  const auto at = kWords.find(type);
  return at == kWords.end() ? type : at->second;
}

bool right_type(const Json& type, const Json& value, std::string& wanted) {
  if (type.is_string()) {
    wanted = word_for(type.get_ref<const std::string&>());
    return is_type(value, type.get_ref<const std::string&>());
  }
  bool any = false;
  for (const auto& one : type) {
    wanted += (wanted.empty() ? "" : " or ") + std::string(word_for(one.get_ref<const std::string&>()));
    any |= is_type(value, one.get_ref<const std::string&>());
  }
  return any;
}

std::string one_of(const Json& choices) {
  std::string text = "one of";
  for (const auto& choice : choices) text += (text == "one of" ? " " : ", ") + choice.dump();
  return text;
}

std::string under(const std::string& field, const std::string& name) {
  return field.empty() ? name : field + "." + name;
}

void complain(FieldFaults& faults, const std::string& field, std::string text) {
  if (faults.size() < kMostFaults) faults.push_back({field, std::move(text)});
}

std::string range(const Json& schema, const char* least, const char* most) {
  const bool from = schema.contains(least) && schema[least].get<std::int64_t>() > 0;
  if (from && schema.contains(most)) return schema[least].dump() + " to " + schema[most].dump();
  return from ? "at least " + schema[least].dump() : "at most " + schema.value(most, Json(0)).dump();
}

}  // namespace

std::span<const std::string_view> known_words() {
  return kKnown;
}

std::size_t nesting(std::string_view json) {
  std::size_t depth = 0;
  std::size_t most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '[' || c == '{') most = std::max(most, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return most;
}

const Json& SchemaCheck::resolved(const Json& schema) const {
  constexpr std::string_view kFront = "#/components/schemas/";
  const auto at = schema.find("$ref");
  if (at == schema.end()) return schema;
  return components_.at(at->get<std::string>().substr(kFront.size()));
}

void SchemaCheck::check(const Json& written, const Json& value, const std::string& field,
                        FieldFaults& faults) const {
  const Json& schema = resolved(written);
  if (const auto type = schema.find("type"); type != schema.end()) {
    std::string wanted;
    if (!right_type(*type, value, wanted)) return complain(faults, field, "should be " + wanted);
  }
  if (const auto fixed = schema.find("const"); fixed != schema.end() && value != *fixed)
    return complain(faults, field, "should be " + fixed->dump());
  if (const auto choices = schema.find("enum");
      choices != schema.end() && std::find(choices->begin(), choices->end(), value) == choices->end())
    return complain(faults, field, "should be " + one_of(*choices));
  if (value.is_string()) return check_text(schema, value.get_ref<const std::string&>(), field, faults);
  if (value.is_number()) return check_number(schema, value, field, faults);
  if (value.is_array()) return check_list(schema, value, field, faults);
  if (value.is_object()) return check_object(schema, value, field, faults);
}

void SchemaCheck::check_text(const Json& schema, const std::string& text, const std::string& field,
                             FieldFaults& faults) const {
  const auto length = characters(text);
  if (length < schema.value("minLength", std::size_t{0}) ||
      length > schema.value("maxLength", std::size_t{1} << 30)) {
    const auto range_text = length == 0
                                ? std::string("may not be empty")
                                : "should have " + range(schema, "minLength", "maxLength") + " characters";
    return complain(faults, field, range_text);
  }
  const auto described = schema.find("description");
  if (const auto pattern = schema.find("pattern");
      pattern != schema.end() && !matches(pattern->get_ref<const std::string&>(), text)) {
    const auto what = described != schema.end() ? described->get<std::string>() : pattern->get<std::string>();
    return complain(faults, field, "should be " + what);
  }
  if (const auto format = schema.find("format"); format != schema.end()) {
    const auto& name = format->get_ref<const std::string&>();
    if (!fits_format(name, text))
      complain(faults, field,
               "should be " + (described != schema.end() ? described->get<std::string>() : what_is(name)));
  }
}

void SchemaCheck::check_number(const Json& schema, const Json& value, const std::string& field,
                               FieldFaults& faults) const {
  const double number = value.get<double>();
  const auto least = schema.find("minimum");
  const auto most = schema.find("maximum");
  const bool low = least != schema.end() && number < least->get<double>();
  const bool high = most != schema.end() && number > most->get<double>();
  if (!low && !high) return;
  if (least != schema.end() && most != schema.end())
    return complain(faults, field, "should be from " + least->dump() + " to " + most->dump());
  complain(faults, field, low ? "should be at least " + least->dump() : "should be at most " + most->dump());
}

void SchemaCheck::check_list(const Json& schema, const Json& value, const std::string& field,
                             FieldFaults& faults) const {
  if (value.size() < schema.value("minItems", std::size_t{0}))
    return complain(faults, field, "should have at least " + schema["minItems"].dump() + " element");
  if (value.size() > schema.value("maxItems", std::size_t{1} << 30))
    return complain(faults, field, "should have at most " + schema["maxItems"].dump() + " elements");
  const auto items = schema.find("items");
  for (std::size_t i = 0; items != schema.end() && i < value.size(); ++i)
    check(*items, value[i], under(field, std::to_string(i)), faults);
  if (!schema.value("uniqueItems", false)) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (value[i] == value[k]) return complain(faults, under(field, std::to_string(i)), "comes twice");
    }
  }
}

void SchemaCheck::check_object(const Json& schema, const Json& value, const std::string& field,
                               FieldFaults& faults) const {
  static const Json kNone = Json::object();
  const auto properties = schema.find("properties");
  const auto& known = properties == schema.end() ? kNone : *properties;
  for (const auto& name : schema.value("required", Json::array())) {
    const auto& text = name.get_ref<const std::string&>();
    if (!value.contains(text)) complain(faults, under(field, text), "is missing");
  }
  if (value.size() < schema.value("minProperties", std::size_t{0}))
    complain(faults, field, "should have at least one field");
  if (value.size() > schema.value("maxProperties", std::size_t{1} << 30))
    return complain(faults, field, "has too many fields");
  const auto others = schema.find("additionalProperties");
  for (const auto& [name, one] : value.items()) {
    const auto shown = under(field, name.substr(0, 64));
    if (const auto row = known.find(name); row != known.end()) {
      check(*row, one, shown, faults);
    } else if (others != schema.end() && others->is_object()) {
      check(*others, one, shown, faults);
    } else if (others != schema.end() && *others == Json(false)) {
      complain(faults, shown, "is not known here");
    }
  }
}

Json SchemaCheck::parameter(const Json& written, const std::string& text, const std::string& name,
                            FieldFaults& faults) const {
  const Json& schema = resolved(written);
  const auto type = schema.value("type", Json("string"));
  Json value = text;
  if (type == Json("boolean") && (text == "true" || text == "false")) value = text == "true";
  if (type == Json("integer")) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) value = number;
  }
  check(schema, value, name, faults);
  return value;
}

}  // namespace postern::admin
