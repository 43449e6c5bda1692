// The API's document (openapi.json, part of the program) as a table of operations: which there are, who may
// use them, what they take. The document is the only place where a route is written down.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/admin/api/check.hpp"

namespace postern::admin {

// The text of openapi.json.
std::string_view document_text();

struct Operation {
  std::string id;
  std::string method;
  std::vector<std::string> segments;  // "{name}" takes anything
  std::vector<std::string> roles;     // roles, or public, half, enrol, setup, full, any
  std::string scope;                  // what a token needs; empty: no token will do
  bool step_up = false;
  bool step_up_if_full = false;
  const Json* parameters = nullptr;
  const Json* body = nullptr;  // the schema; null: takes none

  bool allows(std::string_view role) const;
  bool unsafe() const { return method != "GET"; }
};

struct Match {
  const Operation* operation = nullptr;
  std::map<std::string, std::string> parameters;  // of the path
  bool other_method = false;                      // the path is known, the method is not
};

class Document {
 public:
  // Throws where the text is not what we can work with: a mistake of ours.
  explicit Document(std::string_view text = document_text());
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  Match find(std::string_view method, std::string_view path) const;
  const std::vector<Operation>& operations() const { return operations_; }
  const Json& json() const { return json_; }
  // Parameters of path and query as values, and the body; throws a Problem with all faults at once.
  std::map<std::string, Json> parameters(const Match& match,
                                         const std::map<std::string, std::string>& query) const;
  Json body(const Operation& operation, std::string_view content_type, const std::string& text) const;

 private:
  void add(const std::string& path, const std::string& method, const Json& operation);

  Json json_;
  std::unique_ptr<SchemaCheck> check_;
  std::vector<Operation> operations_;
};

}  // namespace postern::admin
