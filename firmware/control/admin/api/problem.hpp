// What a handler throws where it does not do what was asked. RFC 9457.
#pragma once

#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "firmware/control/admin/http/response.hpp"

namespace postern::admin {

using Json = nlohmann::ordered_json;

// A field of the body ("domains.0"), a parameter or a setting, and what would be right.
struct FieldFault {
  std::string field;
  std::string text;
};
using FieldFaults = std::vector<FieldFault>;

struct Problem : std::exception {
  Problem(int status_, std::string type_, std::string detail_, FieldFaults faults_ = {}, int retry_after_ = 0)
      : status(status_),
        type(std::move(type_)),
        detail(std::move(detail_)),
        faults(std::move(faults_)),
        retry_after(retry_after_) {}
  const char* what() const noexcept override { return detail.c_str(); }

  int status;
  std::string type;  // for programs
  std::string detail;
  FieldFaults faults;
  int retry_after;  // seconds; 0: not said
};

inline Problem faulty(FieldFaults faults) {
  return Problem(400, "faults", "some fields are not right", std::move(faults));
}
inline Problem faulty(std::string field, std::string text) {
  return faulty(FieldFaults{{std::move(field), std::move(text)}});
}
inline Problem unknown(std::string detail) {
  return Problem(404, "unknown", std::move(detail));
}
// What this box cannot do (yet), and why.
inline Problem not_available(std::string detail) {
  return Problem(503, "not_available", std::move(detail));
}

Json json_of(const FieldFaults& faults);
Response response_of(const Problem& problem);
Response json_response(const Json& json, int status = 200);

}  // namespace postern::admin
