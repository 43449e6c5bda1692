// The domains we serve, and how their DNS stands.
#include <algorithm>

#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/lookup/looker.hpp"

namespace postern::admin {

namespace {

// As the settings in force say; what we were told at our start where control does not answer.
std::vector<std::string> served(Call& call) {
  try {
    const auto values =
        call.ask({{"command", "settings.show"}, {"of", "running"}}).value("values", Json::object());
    std::vector<std::string> all;
    const auto text = values.value("domains.served", "");
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      if (end > at) all.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return all;
  } catch (const Problem&) {
    return call.rooms.facts.served;
  }
}

Json begin(Call& call, const std::string& domain) {
  auto& looker = call.rooms.looker;
  return call.rooms.jobs.begin("domain", domain, call.user_name(), [&looker, domain](Progress& progress) {
    return looker.check_domain(domain, progress);
  });
}

int count(const Json& found, std::initializer_list<const char*> states) {
  int sum = 0;
  for (const auto& record : found.value("records", Json::array())) {
    for (const auto* state : states) sum += record.value("state", "") == state ? 1 : 0;
  }
  return sum;
}

Response list(Call& call) {
  Json all = Json::array();
  for (const auto& domain : served(call)) {
    const auto found = call.rooms.looker.remembered(domain);
    if (found.is_null()) {
      all.push_back({{"domain", domain}, {"good", 0}, {"wrong", 0}, {"unknown", 0}, {"checked", nullptr}});
      continue;
    }
    all.push_back({{"domain", domain},
                   {"good", count(found, {"good"})},
                   {"wrong", count(found, {"wrong", "missing"})},
                   {"unknown", count(found, {"unknown", "waiting"})},
                   {"checked", found.value("checked", Json())}});
  }
  return json_response({{"domains", std::move(all)}});
}

std::string one_of_ours(Call& call) {
  auto domain = call.text("domain");
  std::transform(domain.begin(), domain.end(), domain.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto all = served(call);
  if (std::find(all.begin(), all.end(), domain) == all.end()) throw unknown("this domain is not served here");
  return domain;
}

Response get(Call& call) {
  const auto domain = one_of_ours(call);
  auto found = call.rooms.looker.remembered(domain);
  // The first look begins by itself.
  auto running = call.rooms.jobs.running("domain", domain);
  if (found.is_null() && running.empty()) running = begin(call, domain).value("id", "");
  if (found.is_null())
    found = {{"domain", domain}, {"records", Json::array()}, {"zone_text", ""}, {"checked", nullptr}};
  found["checking"] = running.empty() ? Json() : Json(running);
  return json_response(found);
}

Response check(Call& call) {
  return json_response(begin(call, one_of_ours(call)), 202);
}

constexpr HandlerRow kRows[] = {{"listDomains", list}, {"getDomainDns", get}, {"checkDomain", check}};

}  // namespace

std::span<const HandlerRow> domain_handlers() {
  return kRows;
}

}  // namespace postern::admin
