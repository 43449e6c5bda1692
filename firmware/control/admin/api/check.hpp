// Holds a JSON value against a schema of the API's document, and says for each field what would be right.
//
// The part of JSON Schema (draft 2020-12) that the document uses, and no more: a word of a schema that is
// not known here is a mistake of ours, found by a test (known_words()).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "firmware/control/admin/api/problem.hpp"

namespace postern::admin {

class SchemaCheck {
 public:
  // `components`: the document's "components.schemas", for references.
  explicit SchemaCheck(const Json& components) : components_(components) {}

  // `field`: how the value is called in faults.
  void check(const Json& schema, const Json& value, const std::string& field, FieldFaults& faults) const;
  // A parameter: text that has to become a value of the schema's type first.
  Json parameter(const Json& schema, const std::string& text, const std::string& name,
                 FieldFaults& faults) const;

 private:
  void check_text(const Json& schema, const std::string& text, const std::string& field,
                  FieldFaults& faults) const;
  void check_number(const Json& schema, const Json& value, const std::string& field,
                    FieldFaults& faults) const;
  void check_list(const Json& schema, const Json& value, const std::string& field, FieldFaults& faults) const;
  void check_object(const Json& schema, const Json& value, const std::string& field,
                    FieldFaults& faults) const;
  const Json& resolved(const Json& schema) const;

  const Json& components_;
};

// How deep arrays and objects of a text that may be JSON lie in each other; counted without parsing it.
std::size_t nesting(std::string_view json);
// Words of schemas that check() obeys or rightly passes over.
std::span<const std::string_view> known_words();

}  // namespace postern::admin
