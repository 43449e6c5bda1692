// Who changed what.
#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

Response list(Call& call) {
  const auto before = call.parameters.find("before");
  const auto most = most_of(call, 100);
  const auto page =
      call.rooms.audit.page(before == call.parameters.end() ? 0 : before->second.get<std::uint64_t>(), most,
                            call.text("user"), call.text("text"));
  Json json{{"lines", page.lines}, {"total", page.total}, {"next_before", nullptr}};
  if (page.lines.size() == most) json["next_before"] = page.lines.back().value("number", 0);
  return json_response(json);
}

Response verify(Call& call) {
  const auto verdict = call.rooms.audit.verify();
  return json_response({{"good", verdict.good},
                        {"lines", verdict.lines},
                        {"first_wrong", verdict.first_wrong == 0 ? Json() : Json(verdict.first_wrong)},
                        {"text", verdict.text},
                        {"head", verdict.head}});
}

constexpr HandlerRow kRows[] = {{"listAudit", list}, {"verifyAudit", verify}};

}  // namespace

std::span<const HandlerRow> audit_handlers() {
  return kRows;
}

}  // namespace postern::admin
