// See facts_text.hpp.
#include "firmware/control/cli/check/facts_text.hpp"

#include "firmware/policy/dane/usable.hpp"
#include "firmware/policy/sts/policy.hpp"

namespace postern::control::cli {

using namespace policy;

namespace {

template <typename E, std::size_t N>
std::string_view pick(const std::string_view (&names)[N], E value) {
  const auto at = static_cast<std::size_t>(value);
  return at < N ? names[at] : "?";
}

std::string_view name_of_sts(const Sts& sts) {
  static constexpr std::string_view kNames[] = {"not asked", "none", "in force", "unknown"};
  return pick(kNames, sts.state);
}

std::string time_text(WallTime at) {
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(at).time_since_epoch().count();
  char text[32];
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Json json_of(const Reason& reason) {
  if (reason == Reason{}) return nullptr;
  Json json{{"text", reason.text}};
  if (reason.ede >= 0) json["ede"] = reason.ede;
  if (!reason.extended.empty()) json["extended"] = reason.extended;
  return json;
}

Json json_of(const Finding& finding) {
  return {{"policy_type", policy::name_of(finding.policy)},
          {"result_type", policy::name_of(finding.result)},
          {"code", finding.code}};
}

std::string_view unusable_why(const Tlsa& record) {
  return policy::unusable(record);
}

Json json_of(const Tlsa& record) {
  return {{"record", policy::text_of(TlsaView{record.usage, record.selector, record.matching, record.data})},
          {"usable", unusable_why(record).empty()},
          {"why_not", unusable_why(record)}};
}

Json json_of(const Sts& sts) {
  Json json{{"state", name_of_sts(sts)}, {"reason", json_of(sts.reason)}};
  if (!sts.id.empty()) json["id"] = sts.id;
  if (sts.state != StsState::policy) return json;
  json["mode"] = policy::name_of(sts.mode);
  json["mx"] = sts.mx;
  json["max_age"] = sts.max_age;
  json["fetched"] = time_text(sts.fetched);
  json["expires"] = time_text(sts.expires);
  json["text"] = sts.text;
  return json;
}

std::string with_reason(std::string text, const Reason& reason) {
  const auto why = text_of(reason);
  return why.empty() ? text : text + ": " + why;
}

}  // namespace

std::string_view name_of(Security security) {
  static constexpr std::string_view kNames[] = {"secure", "insecure", "bogus", "failed"};
  return pick(kNames, security);
}

std::string_view name_of(HostSecurity security) {
  static constexpr std::string_view kNames[] = {"secure", "secure alias into an unsigned zone", "insecure",
                                                "bogus", "failed"};
  return pick(kNames, security);
}

std::string_view name_of(TlsaState state) {
  static constexpr std::string_view kNames[] = {"not asked", "none", "records", "bogus", "failed"};
  return pick(kNames, state);
}

std::string_view name_of(MxKind kind) {
  static constexpr std::string_view kNames[] = {"MX records",     "no MX: its own address", "null MX",
                                                "no such domain", "neither MX nor address", "unknown"};
  return pick(kNames, kind);
}

std::string text_of(const Reason& reason) {
  std::string text = reason.text;
  if (reason.ede < 0 && reason.extended.empty()) return text;
  text += text.empty() ? "(EDE" : " (EDE";
  if (reason.ede >= 0) text += " " + std::to_string(reason.ede);
  if (!reason.extended.empty()) text += ": " + reason.extended;
  return text + ")";
}

std::string text_of(const Tlsa& record) {
  auto text = policy::text_of(TlsaView{record.usage, record.selector, record.matching, record.data});
  if (text.size() > 90) text = text.substr(0, 86) + "...";
  if (const auto why = unusable_why(record); !why.empty()) text += "  (not usable: " + std::string(why) + ")";
  return text;
}

Json json_of(const Host& host) {
  Json json{{"name", host.name},
            {"preference", host.preference},
            {"expanded", host.expanded},
            {"address_security", name_of(host.security)},
            {"address_reason", json_of(host.address_reason)},
            {"addresses", Json::array()},
            {"tlsa_base", host.tlsa_base},
            {"names", host.names},
            {"tlsa_state", name_of(host.tlsa_state)},
            {"tlsa_reason", json_of(host.tlsa_reason)},
            {"tlsa", Json::array()}};
  for (const auto& address : host.addresses) json["addresses"].push_back(address.text());
  for (const auto& record : host.tlsa) json["tlsa"].push_back(json_of(record));
  return json;
}

Json json_of(const Demand& demand) {
  return {{"insist", policy::name_of(demand.insist)},
          {"reason", demand.reason},
          {"status", demand.status},
          {"overridden", demand.overridden},
          {"reports", {json_of(demand.dane), json_of(demand.sts)}}};
}

Json json_of(const Facts& facts) {
  return {{"domain", facts.domain},
          {"expanded", facts.expanded},
          {"mx",
           {{"found", name_of(facts.mx)},
            {"security", name_of(facts.mx_security)},
            {"reason", json_of(facts.mx_reason)}}},
          {"mta_sts", json_of(facts.sts)},
          {"learned", time_text(facts.learned)},
          {"expires", time_text(facts.expires)}};
}

void tell_domain(Checked& checked, const Facts& facts) {
  checked.say(facts.domain, Colour::bold);
  if (facts.expanded != facts.domain) checked.say("  is an alias of " + facts.expanded);
  checked.say(with_reason(
      "  MX       " + std::string(name_of(facts.mx)) + ", " + std::string(name_of(facts.mx_security)),
      facts.mx_reason));
  std::string sts = "  MTA-STS  " + std::string(name_of_sts(facts.sts));
  if (facts.sts.state == StsState::policy) {
    sts += ", mode " + std::string(policy::name_of(facts.sts.mode)) + ", id " + facts.sts.id + ", until " +
           time_text(facts.sts.expires);
  }
  checked.say(with_reason(sts, facts.sts.reason));
  for (const auto& pattern : facts.sts.mx) checked.say("           mx " + pattern);
}

void tell_host(Checked& checked, const Host& host) {
  checked.say(host.name + (host.expanded != host.name ? " -> " + host.expanded : ""), Colour::bold);
  std::string addresses;
  for (const auto& address : host.addresses) addresses += " " + address.text();
  checked.say(
      with_reason("  address  " + std::string(name_of(host.security)) + addresses, host.address_reason));
  checked.say(with_reason("  TLSA     " + std::string(name_of(host.tlsa_state)) +
                              (host.tlsa_base.empty() ? "" : " of " + host.tlsa_base),
                          host.tlsa_reason));
  for (const auto& record : host.tlsa) checked.say("           " + text_of(record));
}

void tell_demand(Checked& checked, const Demand& demand) {
  const auto colour = !demand.may_deliver() ? Colour::red
                      : demand.needs_tls()  ? Colour::green
                                            : Colour::yellow;
  auto text = "  we       " + std::string(policy::name_of(demand.insist)) + ": " + std::string(demand.reason);
  if (!demand.status.empty()) text += " (" + std::string(demand.status) + ")";
  checked.say(text, colour);
}

}  // namespace postern::control::cli
