// Reports about TLS, received and sent: the verbs reports.* of control's door.
#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

Response received(Call& call) {
  Json question{{"command", "reports.received"}, {"most", most_of(call, 100)}};
  if (!call.text("domain").empty()) question["domain"] = call.text("domain");
  return json_response(call.ask(std::move(question)));
}

Response sent(Call& call) {
  return json_response(call.ask({{"command", "reports.sent"}, {"most", most_of(call, 100)}}));
}

Response show(Call& call) {
  return json_response(call.ask({{"command", "reports.show"}, {"number", call.parameters.at("number")}}));
}

Response dmarc(Call&) {
  throw not_available("this box does not read DMARC reports yet");
}

constexpr HandlerRow kRows[] = {{"listTlsReports", received},
                                {"listSentReports", sent},
                                {"getTlsReport", show},
                                {"listDmarcReports", dmarc}};

}  // namespace

std::span<const HandlerRow> report_handlers() {
  return kRows;
}

}  // namespace postern::admin
