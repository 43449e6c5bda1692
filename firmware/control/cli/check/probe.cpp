// `postern probe DOMAIN` and `postern check dane HOST[:PORT]`: look up, connect, do the real handshake, say
// what matched.
#include "firmware/control/cli/check/facts_text.hpp"
#include "firmware/control/cli/check/lookup_options.hpp"
#include "firmware/control/cli/check/smtp_dial.hpp"
#include "firmware/policy/dane/names.hpp"
#include "firmware/policy/dane/usable.hpp"
#include "platform/clock/clock.hpp"

namespace postern::control::cli {

namespace {

using tls::Judgement;

constexpr std::size_t kMostDials = 32;

std::string_view name_of(Judgement judgement) {
  static constexpr std::string_view kNames[] = {"not judged",    "met",     "no certificate",
                                                "name mismatch", "expired", "not trusted",
                                                "no match",      "invalid"};
  return kNames[static_cast<std::size_t>(judgement)];
}

// Everything is judged and nothing is insisted on, so that all of it is seen.
tls::ServerDemand see_all(const policy::Host& host) {
  tls::ServerDemand demand;
  demand.server_name = host.tlsa_base.empty() ? host.name : host.tlsa_base;
  demand.web_pki_name = host.name;
  demand.tlsa_names = host.names;
  demand.also_judge_dane = host.tlsa_state == policy::TlsaState::records;
  demand.also_judge_web_pki = demand.keep_chain = true;
  std::vector<policy::TlsaView> views;
  for (const auto& record : host.tlsa)
    views.push_back({record.usage, record.selector, record.matching, record.data});
  for (const auto index : policy::employed(views)) {
    const auto& record = host.tlsa[index];
    demand.tlsa.push_back({record.usage, record.selector, record.matching, record.data});
  }
  return demand;
}

std::string matched_text(const tls::Verdict& verdict, const tls::ServerDemand& demand) {
  if (verdict.judgement != Judgement::met) {
    return std::string(name_of(verdict.judgement)) + (verdict.reason.empty() ? "" : ": ") +
           std::string(verdict.reason);
  }
  if (verdict.record < 0) return "met";
  const auto& record = demand.tlsa[static_cast<std::size_t>(verdict.record)];
  const auto text =
      policy::text_of(policy::TlsaView{record.usage, record.selector, record.matching, record.data});
  const auto where = verdict.depth < 0    ? std::string("an anchor that was not sent")
                     : verdict.depth == 0 ? std::string("the server's certificate")
                                          : "certificate " + std::to_string(verdict.depth) + " of the chain";
  return "met: " + text.substr(0, 24) + (text.size() > 24 ? "..." : "") + " is " + where;
}

Json verdict_json(const tls::Verdict& verdict) {
  Json json{{"judgement", name_of(verdict.judgement)}, {"reason", verdict.reason}};
  if (verdict.record >= 0) json["record"] = verdict.record;
  if (verdict.record >= 0) json["depth"] = verdict.depth;
  return json;
}

Json dialled_json(const Dialled& dialled) {
  return {{"connected", dialled.connected},
          {"greeting", dialled.greeting},
          {"starttls", dialled.offers_starttls},
          {"secured", dialled.secured},
          {"version", dialled.version},
          {"cipher", dialled.cipher},
          {"dane", verdict_json(dialled.dane)},
          {"web_pki", verdict_json(dialled.web_pki)},
          {"requiretls", dialled.offers_requiretls},
          {"certificates", dialled.chain.size()},
          {"failure", dialled.failure}};
}

// What the demand makes of it. A server that cannot be reached proves nothing either way.
int status_of(const policy::Demand& demand, const Dialled& dialled) {
  if (!dialled.connected || dialled.greeting.empty()) return kCannotTell;
  if (demand.needs_tls() && !dialled.secured) return kBad;
  if (demand.needs_dane() && dialled.dane.judgement != Judgement::met) return kBad;
  if (demand.needs_pkix() && dialled.web_pki.judgement != Judgement::met) return kBad;
  if (demand.require_tls_extension && !dialled.offers_requiretls) return kBad;
  return kGood;
}

void tell_dialled(Checked& checked, const std::string& where, const Dialled& dialled,
                  const tls::ServerDemand& demand, int status) {
  const auto colour = status == kGood ? Colour::green : status == kBad ? Colour::red : Colour::yellow;
  checked.say("  " + where + "  " +
                  (status == kGood  ? "good"
                   : status == kBad ? "bad"
                                    : "cannot tell"),
              colour);
  if (!dialled.greeting.empty()) checked.say("    greeting  " + dialled.greeting);
  if (!dialled.connected) return checked.say("    " + dialled.failure);
  if (!dialled.greeting.empty() && !dialled.offers_starttls) checked.say("    STARTTLS  not offered");
  if (!dialled.version.empty()) {
    checked.say("    TLS       " + dialled.version + " " + dialled.cipher + ", " +
                std::to_string(dialled.chain.size()) + " certificates" +
                (dialled.offers_requiretls ? ", offers REQUIRETLS" : ""));
  }
  if (dialled.offers_starttls) {
    checked.say("    DANE      " + matched_text(dialled.dane, demand));
    checked.say("    web PKI   " + matched_text(dialled.web_pki, demand));
  }
  if (!dialled.failure.empty()) checked.say("    " + dialled.failure);
}

// Every address of one host; true where at least one could be used as the demand says.
int dial_host(Checked& checked, Dialler& dialler, const policy::Host& host, const policy::Demand& demand,
              std::uint16_t port, Json& json, std::size_t& dials) {
  const auto wanted = see_all(host);
  int best = kCannotTell;
  bool any_bad = false;
  json["dialled"] = Json::array();
  for (const auto& address : host.addresses) {
    if (dials++ == kMostDials) break;
    const auto dialled = dialler.dial({address, port}, wanted);
    const int status = status_of(demand, dialled);
    tell_dialled(checked, address.text(), dialled, wanted, status);
    auto one = dialled_json(dialled);
    one["address"] = address.text();
    json["dialled"].push_back(std::move(one));
    if (status == kGood) best = kGood;
    any_bad |= status == kBad;
  }
  return any_bad ? kBad : best;
}

struct Tools {
  resolver::LookupOptions options;
  std::uint16_t port = 25;
  std::unique_ptr<Dialler> dialler;
};

Result<Tools, Fault> tools(resolver::LookupOptions options, std::uint16_t port) {
  if (port == 0) return fault("--port needs a number from 1 to 65535");
  const auto authorities = resolver::read_https_anchors(options.https_anchors);
  if (!authorities) return tl::unexpected(authorities.error());
  auto dialler = Dialler::create(*authorities);
  if (!dialler) return tl::unexpected(dialler.error());
  return Tools{std::move(options), port, std::move(*dialler)};
}

Result<Tools, Fault> tools(const Invocation& invocation) {
  auto options = lookup_options(invocation);
  if (!options) return tl::unexpected(options.error());
  return tools(std::move(*options), mail_port(invocation));
}

// "mx.example.net", "mx.example.net:587"; IPv6 addresses are no names, so a colon stands before a port only.
std::pair<std::string, std::uint16_t> split_port(const std::string& text, std::uint16_t otherwise) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {text, otherwise};
  Invocation port;
  port.given["--port"] = text.substr(colon + 1);
  return {text.substr(0, colon), mail_port(port)};
}

void probe_hosts(Checked& checked, Tools& kit, const policy::Facts& facts, const BoxRules& rules) {
  const auto head = policy::head_of(facts);
  std::size_t dials = 0;
  bool all = !facts.hosts.empty();
  bool any_bad = false;
  checked.json["hosts"] = Json::array();
  for (const auto& host : facts.hosts) {
    const auto demand =
        policy::decide(head, policy::head_of(facts, host), {}, override_of(rules, facts.domain),
                       rules.settings, clock::kernel_wall());
    checked.say("");
    tell_host(checked, host);
    tell_demand(checked, demand);
    auto json = json_of(host);
    json["demand"] = json_of(demand);
    const int status =
        demand.may_deliver() ? dial_host(checked, *kit.dialler, host, demand, kit.port, json, dials) : kBad;
    all &= status == kGood;
    any_bad |= status == kBad;
    checked.json["hosts"].push_back(std::move(json));
  }
  checked.status = any_bad ? kBad : all ? kGood : kCannotTell;
  checked.verdict = any_bad ? "not every server is what the domain promises"
                    : all   ? "every server of the domain is as promised"
                            : "not every server could be reached";
}

}  // namespace

Checked probe_domain(const Invocation& invocation, const std::string& text) {
  const auto options = lookup_options(invocation);
  if (!options) return cannot_tell(options.error().reason);
  return probe_domain(*options, box_rules(invocation), mail_port(invocation), text);
}

Checked probe_domain(const resolver::LookupOptions& options, const BoxRules& rules, std::uint16_t port,
                     const std::string& text) {
  const auto name = resolver::lookup_name(text);
  if (!name) return cannot_tell("'" + text + "' is no domain");
  auto kit = tools(options, port);
  if (!kit) return cannot_tell(kit.error().reason);
  const auto found = resolver::look_up(*name, kit->options);
  if (!found) return cannot_tell(found.error().reason);
  const auto& facts = found->facts;
  Checked checked;
  checked.json = json_of(facts);
  tell_domain(checked, facts);
  tell_rules(checked, rules, facts.domain, clock::kernel_wall());
  const auto demand = policy::decide_domain(policy::head_of(facts), {}, rules.settings);
  if (demand.insist == policy::Insist::ask_hosts) {
    probe_hosts(checked, *kit, facts, rules);
    return checked;
  }
  checked.json["demand"] = json_of(demand);
  checked.verdict = std::string(demand.reason);
  checked.status = facts.mx_security == policy::Security::failed ? kCannotTell : kBad;
  tell_demand(checked, demand);
  return checked;
}

Checked check_dane(const Invocation& invocation, const std::string& text) {
  auto kit = tools(invocation);
  if (!kit) return cannot_tell(kit.error().reason);
  const auto [host_text, port] = split_port(text, kit->port);
  const auto name = resolver::lookup_name(host_text);
  if (!name || port == 0) return cannot_tell("'" + text + "' is no host, or host and port");
  auto found = resolver::look_up_host(*name, port, kit->options);
  if (!found) return cannot_tell(found.error().reason);
  auto& host = found->host;
  if (host.names.empty()) {
    host.names = policy::names_for_usage_2(host.tlsa_base, *name, *name, policy::Security::secure);
  }
  Checked checked;
  checked.json = json_of(host);
  tell_host(checked, host);
  policy::Facts facts;
  facts.mx = policy::MxKind::list;
  facts.mx_security = policy::Security::secure;
  facts.hosts = {host};
  const auto demand = policy::decide(policy::head_of(facts), policy::head_of(facts, host), {}, nullptr, {},
                                     clock::kernel_wall());
  checked.json["demand"] = json_of(demand);
  checked.json["trail"] = found->trail;
  if (!demand.needs_dane()) {
    const bool failed =
        host.security == policy::HostSecurity::failed || host.tlsa_state == policy::TlsaState::failed;
    checked.status = failed ? kCannotTell : kBad;
    checked.verdict = demand.may_deliver() ? "there is no DANE for this host" : std::string(demand.reason);
    return checked;
  }
  std::size_t dials = 0;
  checked.status = dial_host(checked, *kit->dialler, host, demand, port, checked.json, dials);
  checked.verdict = checked.status == kGood  ? "the server matches its TLSA records"
                    : checked.status == kBad ? "the server does not match its TLSA records"
                                             : "the server could not be reached";
  return checked;
}

}  // namespace postern::control::cli
