// `postern check policy DOMAIN`: what we would insist on for this recipient, with the whole trail.
#include <algorithm>
#include <charconv>

#include "firmware/control/cli/check/facts_text.hpp"
#include "firmware/control/cli/check/lookup_options.hpp"
#include "platform/clock/clock.hpp"

namespace postern::control::cli {

namespace {

std::string given(const Invocation& invocation, const std::string& option) {
  const auto at = invocation.given.find(option);
  return at == invocation.given.end() ? std::string() : at->second;
}

policy::MessageWishes wishes(const Invocation& invocation) {
  return {.require_tls = invocation.given.contains("--requiretls"),
          .tls_required_no = invocation.given.contains("--tls-required-no")};
}

// Lookups that failed leave open what the domain promises; forged ones and broken promises do not.
int status_of(const policy::Facts& facts, const policy::Demand& demand) {
  if (demand.may_deliver()) return kGood;
  const bool failed =
      facts.mx_security == policy::Security::failed || facts.sts.state == policy::StsState::unknown;
  return failed ? kCannotTell : kBad;
}

int status_of(const policy::Facts& facts, const policy::Host& host, const policy::Demand& demand) {
  if (demand.may_deliver()) return kGood;
  const bool failed =
      host.security == policy::HostSecurity::failed || host.tlsa_state == policy::TlsaState::failed;
  return failed ? kCannotTell : status_of(facts, demand);
}

void judge_hosts(Checked& checked, const policy::Facts& facts, const Invocation& invocation,
                 const BoxRules& rules) {
  const auto* rule = override_of(rules, facts.domain);
  const auto now = clock::kernel_wall();
  int best = kBad;
  bool any = false;
  checked.json["hosts"] = Json::array();
  for (const auto& host : facts.hosts) {
    const auto demand = policy::decide(policy::head_of(facts), policy::head_of(facts, host),
                                       wishes(invocation), rule, rules.settings, now);
    checked.say("");
    tell_host(checked, host);
    tell_demand(checked, demand);
    auto json = json_of(host);
    json["demand"] = json_of(demand);
    checked.json["hosts"].push_back(std::move(json));
    const int status = status_of(facts, host, demand);
    if (status == kGood) any = true;
    if (status != kBad) best = status;
  }
  checked.status = any ? kGood : best;
  checked.verdict = any ? "mail would be sent" : "no server of the domain may be used now";
}

}  // namespace

Result<resolver::LookupOptions, Fault> lookup_options(const Invocation& invocation) {
  auto options = resolver::tool_options(given(invocation, "--dns"), given(invocation, "--trust-anchor"));
  if (!options) return options;
  if (const auto file = given(invocation, "--authorities"); !file.empty()) options->https_anchors = file;
  return options;
}

std::uint16_t mail_port(const Invocation& invocation) {
  const auto text = given(invocation, "--port");
  if (text.empty()) return 25;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

Checked check_policy(const Invocation& invocation, const std::string& text) {
  const auto options = lookup_options(invocation);
  if (!options) return cannot_tell(options.error().reason);
  return check_policy(invocation, *options, box_rules(invocation), text);
}

Checked check_policy(const Invocation& invocation, const resolver::LookupOptions& options,
                     const BoxRules& rules, const std::string& text) {
  const auto name = resolver::lookup_name(text);
  if (!name) return cannot_tell("'" + text + "' is no domain");
  const auto found = resolver::look_up(*name, options);
  if (!found) return cannot_tell(found.error().reason);
  Checked checked;
  checked.json = json_of(found->facts);
  tell_domain(checked, found->facts);
  tell_rules(checked, rules, found->facts.domain, clock::kernel_wall());
  const auto demand =
      policy::decide_domain(policy::head_of(found->facts), wishes(invocation), rules.settings);
  if (demand.insist == policy::Insist::ask_hosts) {
    judge_hosts(checked, found->facts, invocation, rules);
  } else {
    checked.json["demand"] = json_of(demand);
    checked.verdict = std::string(demand.reason);
    checked.status = status_of(found->facts, demand);
    tell_demand(checked, demand);
  }
  checked.json["trail"] = found->trail;
  if (invocation.given.contains("-v")) {
    checked.say("");
    for (const auto& line : found->trail) checked.say("  " + line, Colour::dim);
  }
  return checked;
}

}  // namespace postern::control::cli
