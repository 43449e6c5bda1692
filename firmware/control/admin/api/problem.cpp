// What a handler throws: see the header.
#include "firmware/control/admin/api/problem.hpp"

namespace postern::admin {

Json json_of(const FieldFaults& faults) {
  Json list = Json::array();
  for (const auto& fault : faults) list.push_back({{"field", fault.field}, {"text", fault.text}});
  return list;
}

Response json_response(const Json& json, int status) {
  Response response;
  response.status = status;
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return response;
}

Response response_of(const Problem& problem) {
  Json json{{"type", problem.type},
            {"title", std::string(reason_phrase(problem.status))},
            {"status", problem.status},
            {"detail", problem.detail}};
  if (!problem.faults.empty()) json["faults"] = json_of(problem.faults);
  if (problem.retry_after != 0) json["retry_after"] = problem.retry_after;
  auto response = json_response(json, problem.status);
  response.content_type = "application/problem+json";
  if (problem.retry_after != 0)
    response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after));
  return response;
}

}  // namespace postern::admin
