// The Looker that asks the world: see the header.
#include "firmware/control/admin/lookup/world.hpp"

#include "firmware/control/admin/api/call.hpp"
#include "firmware/control/admin/lookup/assistant.hpp"
#include "firmware/control/cli/check/lookup_options.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/clock/clock.hpp"

namespace postern::admin {

namespace {

using control::cli::Checked;

constexpr std::uint16_t kMailPort = 25;
constexpr Duration kAddressPatience = std::chrono::seconds(8);  // a person waits

Json json_of(const Checked& checked) {
  static constexpr const char* kStates[] = {"good", "bad", "cannot_tell"};
  Json lines = Json::array();
  for (const auto& line : checked.lines) lines.push_back(line.text);
  return {{"verdict", checked.verdict},
          {"state", kStates[std::min(std::max(checked.status, 0), 2)]},
          {"facts", checked.json},
          {"lines", std::move(lines)}};
}

// The keys that sign this domain's mail, and the key of the certificate that mail servers see; what the
// keystore does not tell stays empty.
void add_keys(Door& door, DomainAnswers& all) {
  try {
    for (const auto& entry : door.ask({{"command", "keys.list"}}).value("entries", Json::array())) {
      if (entry.value("kind", "") == "tls" && entry.value("use", "") == "mail")
        all.spki_sha256 = entry.value("spki_sha256", "");
      if (entry.value("kind", "") != "dkim" || entry.value("domain", "") != all.domain) continue;
      const auto state = entry.value("state", "");
      if (state != "removed")
        all.dkim.push_back({entry.value("record_name", ""), entry.value("record", ""), state});
    }
  } catch (const Problem&) {
  }
}

// Names and addresses as the settings in force say; what we began with where control does not answer.
OwnFacts own_now(Door& door, OwnFacts own) {
  Json values;
  try {
    values = door.ask({{"command", "settings.show"}, {"of", "running"}}).value("values", Json::object());
  } catch (const Problem&) {
    return own;
  }
  own.host_name = values.value("host_name", own.host_name);
  own.addresses.clear();
  for (const auto& [name, value] : values.items()) {
    if (!name.starts_with("interface.") || !name.ends_with(".addresses") || !value.is_string()) continue;
    const auto text = value.get<std::string>();
    for (const auto one : ipc::split_list(text)) {
      if (!one.empty()) own.addresses.emplace_back(one.substr(0, one.find('/')));
    }
  }
  return own;
}

// The rules in force; the defaults where control does not answer.
control::cli::BoxRules rules_now(Door& door) {
  try {
    const auto answer = door.ask({{"command", "settings.show"}, {"of", "running"}});
    return control::cli::box_rules(answer.value("values", Json::object()));
  } catch (const Problem&) {
    return {};
  }
}

}  // namespace

Json World::check_policy(const std::string& domain, Progress& progress) {
  progress.say(0.1, "asks the DNS and the policy host");
  return json_of(control::cli::check_policy({}, options_, rules_now(door_), domain));
}

Json World::probe(const std::string& domain, Progress& progress) {
  progress.say(0.1, "asks the DNS and connects to each server");
  return json_of(control::cli::probe_domain(options_, rules_now(door_), kMailPort, domain));
}

// Forged answers count as none: a message may not be led astray.
std::string World::address_of(const std::string& host) {
  const auto name = resolver::lookup_name(host);
  if (!name) throw faulty("to", "is no name and no address of a server");
  auto options = options_;
  options.dns_deadline = std::min(options.dns_deadline, kAddressPatience);
  const auto lookups = resolver::Lookups::create(options);
  if (!lookups) throw Problem(503, "not_available", lookups.error().reason);
  bool known = true;
  for (const auto type : {resolver::Type::aaaa, resolver::Type::a}) {
    const auto found = (*lookups)->answer(*name, type).answer;
    known &= found.known();
    if (found.known() && !found.addresses.empty()) return found.addresses.front().text();
  }
  throw faulty("to", known ? "has no address" : "cannot be looked up now");
}

Json World::check_domain(const std::string& domain, Progress& progress) {
  using resolver::Type;
  const auto lookups = resolver::Lookups::create(options_);
  if (!lookups) throw Problem(503, "not_available", lookups.error().reason);
  DomainAnswers all;
  all.domain = domain;
  const auto own = own_now(door_, own_);
  all.host_name = own.host_name;
  all.addresses = own.addresses;
  add_keys(door_, all);
  double share = 0;
  const auto ask = [&](const std::string& name, Type type) {
    progress.say(share += 0.08, "asks for " + name);
    return progress.given_up() ? resolver::no_answer(name, "given up")
                               : (*lookups)->answer(name, type).answer;
  };
  all.mx = ask(domain, Type::mx);
  all.host_a = ask(own.host_name, Type::a);
  all.host_aaaa = ask(own.host_name, Type::aaaa);
  all.spf = ask(domain, Type::txt);
  all.dmarc = ask("_dmarc." + domain, Type::txt);
  all.mta_sts = ask("_mta-sts." + domain, Type::txt);
  all.tlsrpt = ask("_smtp._tls." + domain, Type::txt);
  all.tlsa = ask("_25._tcp." + own.host_name, Type::tlsa);
  for (const auto& key : all.dkim) all.dkim_texts.push_back(ask(key.name, Type::txt));
  auto found = advice(all);
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(clock::kernel_wall().time_since_epoch()).count();
  found["checked"] = time_of(now);
  remember(domain, found);
  return found;
}

}  // namespace postern::admin
