// What the box itself demands besides what domains promise: its settings about DANE, MTA-STS and least demands,
// and its overrides. Checks judge by them where the box answers, else by the defaults.
#pragma once

#include <string>
#include <vector>

#include "firmware/control/cli/check/checked.hpp"
#include "firmware/ipc/settings_check.hpp"
#include "firmware/policy/decide/overrides.hpp"

namespace postern::control::cli {

struct BoxRules {
  policy::Settings settings;
  std::vector<policy::OverrideRule> overrides;
  bool of_box = false;  // else the defaults
};

BoxRules box_rules(const ipc::SettingValues& values);
// Of the box whose control answers in the run directory.
BoxRules box_rules(const Invocation& invocation);
// Out of control's answer to settings.show.
BoxRules box_rules(const Json& values);

// The line about overrides for this domain, and whose rules are applied.
void tell_rules(Checked& checked, const BoxRules& rules, const std::string& domain, WallTime now);
// The override for `decide`; null where there is none.
const policy::Override* override_of(const BoxRules& rules, const std::string& domain);

}  // namespace postern::control::cli
