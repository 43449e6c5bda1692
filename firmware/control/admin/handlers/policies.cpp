// What TLS is insisted on, per destination: what was seen lately, what would be done now, rules of one's own.
#include <algorithm>
#include <map>

#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/lookup/looker.hpp"

namespace postern::admin {

namespace {

constexpr const char* kOverrides = "outbound.overrides";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Response list(Call& call) {
  const auto wanted = lower(call.text("text"));
  std::map<std::string, Json> found;
  for (const auto& one : call.rooms.figures.outcomes()) {
    const auto domain = one.value("domain", "");
    if (domain.empty() || domain.find(wanted) == std::string::npos) continue;
    auto& row = found[domain];
    if (row.is_null()) {
      const auto source = protection_of(one);
      row = {{"domain", domain},
             {"insist", one.value("session", Json::object()).value("insist", "")},
             {"source", source == "other" ? "unknown" : source},
             {"why", one.value("why", "")},
             {"hosts", Json::array()},
             {"last", one},
             {"messages", 0}};
    }
    row["messages"] = row["messages"].get<int>() + 1;
    const auto host = one.value("host", "");
    auto& hosts = row["hosts"];
    if (!host.empty() && std::find(hosts.begin(), hosts.end(), Json(host)) == hosts.end())
      hosts.push_back(host);
  }
  Json policies = Json::array();
  for (const auto& [domain, row] : found) {
    if (policies.size() < most_of(call, 200)) policies.push_back(row);
  }
  return json_response({{"policies", std::move(policies)}});
}

Response begin(Call& call, const char* kind, Json (Looker::*work)(const std::string&, Progress&)) {
  const auto domain = call.subject = lower(call.body.at("domain").get<std::string>());
  auto& looker = call.rooms.looker;
  return json_response(call.rooms.jobs.begin(kind, domain, call.user_name(),
                                             [&looker, domain, work](Progress& progress) {
                                               return (looker.*work)(domain, progress);
                                             }),
                       202);
}

Response check(Call& call) {
  return begin(call, "check", &Looker::check_policy);
}

Response probe(Call& call) {
  return begin(call, "probe", &Looker::probe);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> overrides(Call& call, const char* of) {
  const auto answer = call.ask({{"command", "settings.show"}, {"of", of}});
  const auto values = answer.value("values", Json::object());
  return lines_of(values.value(kOverrides, ""));
}

std::string first_word(const std::string& line) {
  return lower(line.substr(0, line.find(' ')));
}

// "DOMAIN KIND DEMAND DATE REASON"
Json override_json(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  for (int i = 0; i < 4 && at <= line.size(); ++i) {
    const auto end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  words.resize(4);
  return {{"name", words[0]},
          {"kind", words[1]},
          {"demand", words[2]},
          {"expires", words[3]},
          {"reason", at <= line.size() ? line.substr(at) : ""}};
}

Response list_overrides(Call& call) {
  Json all = Json::array();
  for (const auto& line : overrides(call, "running")) all.push_back(override_json(line));
  return json_response({{"overrides", std::move(all)}});
}

Response put(Call& call, std::vector<std::string> lines) {
  auto answer = call.ask({{"command", "settings.set"}, {"name", kOverrides}, {"value", lines}});
  if (answer.contains("faults")) answer["faults"] = setting_faults(answer["faults"]);
  return json_response(answer);
}

Response set_override(Call& call) {
  const auto domain = lower(call.text("domain"));
  auto lines = overrides(call, "candidate");
  std::erase_if(lines, [&](const std::string& line) { return first_word(line) == domain; });
  const auto& body = call.body;
  for (const auto* name : {"reason"}) {
    const auto text = body.at(name).get<std::string>();
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      throw faulty(name, "should be one line");
  }
  lines.push_back(domain + " " + body.at("kind").get<std::string>() + " " +
                  body.at("demand").get<std::string>() + " " + body.at("expires").get<std::string>() + " " +
                  body.at("reason").get<std::string>());
  return put(call, std::move(lines));
}

Response delete_override(Call& call) {
  const auto domain = lower(call.text("domain"));
  auto lines = overrides(call, "candidate");
  if (std::erase_if(lines, [&](const std::string& line) { return first_word(line) == domain; }) == 0)
    throw unknown("there is no rule for this domain");
  return put(call, std::move(lines));
}

constexpr HandlerRow kRows[] = {
    {"listPolicies", list},        {"checkPolicy", check},
    {"probeDestination", probe},   {"listOverrides", list_overrides},
    {"setOverride", set_override}, {"deleteOverride", delete_override},
};

}  // namespace

std::span<const HandlerRow> policy_handlers() {
  return kRows;
}

}  // namespace postern::admin
