// The API's document as a table of operations: see the header.
#include "firmware/control/admin/api/document.hpp"

#include <algorithm>

namespace postern::admin {

namespace {

// Deeper than anything the document asks for.
constexpr std::size_t kDeepest = 16;

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> all;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    all.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return all;
}

bool is_name(const std::string& segment) {
  return segment.starts_with('{');
}

bool fits(const Operation& operation, const std::vector<std::string>& path) {
  return std::equal(operation.segments.begin(), operation.segments.end(), path.begin(), path.end(),
                    [](const std::string& wanted, const std::string& given) {
                      return is_name(wanted) ? !given.empty() : wanted == given;
                    });
}

// "settings/history" before "settings/{name}": how many segments are written out.
std::size_t exactness(const Operation& operation) {
  return static_cast<std::size_t>(
      std::count_if(operation.segments.begin(), operation.segments.end(),
                    [](const std::string& segment) { return !is_name(segment); }));
}

}  // namespace

bool Operation::allows(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Document::Document(std::string_view text) : json_(Json::parse(text)) {
  check_ = std::make_unique<SchemaCheck>(json_.at("components").at("schemas"));
  for (const auto& [path, methods] : json_.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) add(path, method, operation);
  }
  std::stable_sort(operations_.begin(), operations_.end(),
                   [](const auto& a, const auto& b) { return exactness(a) > exactness(b); });
}

void Document::add(const std::string& path, const std::string& method, const Json& written) {
  Operation operation;
  operation.id = written.at("operationId");
  operation.method = method;
  std::transform(method.begin(), method.end(), operation.method.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  operation.segments = segments_of(path);
  operation.roles = written.at("x-roles").get<std::vector<std::string>>();
  operation.scope = written.value("x-scope", "");
  operation.step_up = written.value("x-step-up", false);
  operation.step_up_if_full = written.value("x-step-up-if-full", false);
  if (const auto at = written.find("parameters"); at != written.end()) operation.parameters = &*at;
  if (const auto at = written.find("requestBody"); at != written.end())
    operation.body = &at->at("content").at("application/json").at("schema");
  operations_.push_back(std::move(operation));
}

Match Document::find(std::string_view method, std::string_view path) const {
  Match match;
  const auto given = segments_of(path.empty() ? "/" : path);
  for (const auto& operation : operations_) {
    if (!fits(operation, given)) continue;
    if (operation.method != method && !(method == "HEAD" && operation.method == "GET")) {
      match.other_method = true;
      continue;
    }
    match.operation = &operation;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const auto& segment = operation.segments[i];
      if (is_name(segment)) match.parameters[segment.substr(1, segment.size() - 2)] = given[i];
    }
    return match;
  }
  return match;
}

std::map<std::string, Json> Document::parameters(const Match& match,
                                                 const std::map<std::string, std::string>& query) const {
  std::map<std::string, Json> values;
  FieldFaults faults;
  auto left = query;
  static const Json kNone = Json::array();
  for (const auto& row : match.operation->parameters != nullptr ? *match.operation->parameters : kNone) {
    const std::string name = row.at("name");
    const bool in_path = row.at("in") == "path";
    const auto& given = in_path ? match.parameters : left;
    const auto at = given.find(name);
    if (at == given.end()) continue;
    values[name] = check_->parameter(row.at("schema"), at->second, name, faults);
    if (!in_path) left.erase(name);
  }
  for (const auto& [name, value] : left)
    faults.push_back({name.substr(0, 64), "is no parameter of this operation"});
  if (!faults.empty()) throw faulty(std::move(faults));
  return values;
}

Json Document::body(const Operation& operation, std::string_view content_type,
                    const std::string& text) const {
  if (operation.body == nullptr) {
    // "{}" is what clients send that always send something.
    if (text.empty() || text == "{}") return nullptr;
    throw faulty("", "this operation takes no body");
  }
  if (content_type.substr(0, content_type.find(';')) != "application/json")
    throw Problem(415, "media_type", "the body should be application/json");
  auto json = nesting(text) > kDeepest ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw faulty("", "the body is no JSON, or nested too deep");
  FieldFaults faults;
  check_->check(*operation.body, json, "", faults);
  if (!faults.empty()) throw faulty(std::move(faults));
  return json;
}

}  // namespace postern::admin
