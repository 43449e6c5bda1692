// See box_rules.hpp.
#include "firmware/control/cli/check/box_rules.hpp"

#include <chrono>
#include <cstdio>

#include "firmware/ipc/settings_snapshot.hpp"

namespace postern::control::cli {
namespace {

// The last day on which it holds.
std::string day_text(WallTime expires) {
  const auto day = std::chrono::floor<std::chrono::days>(expires - std::chrono::seconds(1));
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::duration_cast<std::chrono::days>(day.time_since_epoch()))};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

}  // namespace

BoxRules box_rules(const ipc::SettingValues& values) {
  const ipc::SettingsView view(0, values);
  BoxRules rules{.of_box = true};
  auto& settings = rules.settings;
  settings.dane = view.boolean("outbound.dane");
  settings.mta_sts = view.boolean("outbound.mta_sts");
  settings.dane_insecure_mx = view.boolean("outbound.dane_insecure_mx");
  settings.wait_for_first_sts_policy = view.boolean("outbound.wait_for_first_sts_policy");
  settings.own_demand_stands = view.boolean("outbound.own_demand_stands");
  settings.at_least = policy::read_demand(view.text("outbound.at_least")).value_or(settings.at_least);
  for (const auto line : view.list("outbound.overrides")) {
    // The box refuses settings with a rule that cannot be read.
    if (auto rule = policy::read_override(line)) rules.overrides.push_back(std::move(*rule));
  }
  return rules;
}

BoxRules box_rules(const Json& values) {
  ipc::SettingValues read;
  for (const auto& [name, value] : values.items()) {
    if (name.starts_with("outbound.") && value.is_string()) read[name] = value.get<std::string>();
  }
  return box_rules(read);
}

BoxRules box_rules(const Invocation& invocation) {
  const auto answer = ask_quietly(invocation, {{"command", "settings.show"}, {"of", "running"}});
  const auto values = answer.value("values", Json());
  return values.is_object() ? box_rules(values) : BoxRules{};
}

const policy::Override* override_of(const BoxRules& rules, const std::string& domain) {
  const auto* rule = policy::override_for(rules.overrides, domain);
  return rule == nullptr ? nullptr : &rule->second;
}

void tell_rules(Checked& checked, const BoxRules& rules, const std::string& domain, WallTime now) {
  checked.json["rules_of"] = rules.of_box ? "box" : "defaults";
  checked.json["override"] = nullptr;
  const auto* rule = policy::override_for(rules.overrides, domain);
  if (!rules.of_box) {
    return checked.say("  rules    the defaults: the box does not answer, so its overrides are not known",
                       Colour::yellow);
  }
  if (rule == nullptr) return checked.say("  override none");
  const auto& [name, what] = *rule;
  const bool in_force = now < what.expires;
  checked.json["override"] = {{"domain", name},
                              {"kind", policy::word_of(what.kind)},
                              {"demand", policy::name_of(what.insist)},
                              {"until", day_text(what.expires)},
                              {"in_force", in_force},
                              {"reason", what.reason}};
  checked.say("  override " + name + " " + std::string(policy::word_of(what.kind)) + " " +
                  std::string(policy::name_of(what.insist)) + " until " + day_text(what.expires) +
                  (in_force ? "" : " (over)") + ": " + what.reason,
              in_force ? Colour::yellow : Colour::dim);
}

}  // namespace postern::control::cli
