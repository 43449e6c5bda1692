#include "firmware/shard/plan.hpp"

#include <algorithm>
#include <utility>

#include "firmware/mail/domain.hpp"
#include "firmware/policy/dane/usable.hpp"

namespace postern::shard {
namespace {

constexpr std::size_t kHostsMost = 16;
constexpr std::size_t kAddressesMost = 4;  // of one host
// A connection that was proven once is not used for ever: the domain may promise something else meanwhile.
constexpr Duration kOldest = std::chrono::minutes(5);

std::vector<std::size_t> ordered_hosts(const policy::FactsView& facts, Shuffler& shuffler) {
  struct Entry {
    std::uint16_t preference;
    std::uint64_t chance;
    std::size_t host;
  };
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < facts.head().hosts; ++i) {
    entries.push_back({facts.host(i).preference, shuffler.next(), i});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.preference != b.preference ? a.preference < b.preference : a.chance < b.chance;
  });
  std::vector<std::size_t> hosts;
  for (const auto& entry : entries) hosts.push_back(entry.host);
  hosts.resize(std::min(hosts.size(), kHostsMost));
  return hosts;
}

std::vector<wire::IpAddress> ordered_addresses(const policy::FactsView& facts, std::size_t host) {
  std::vector<wire::IpAddress> v6;
  std::vector<wire::IpAddress> v4;
  for (std::size_t i = 0; i < facts.host(host).addresses; ++i) {
    const auto address = facts.host_address(host, i);
    (address.is_v4() ? v4 : v6).push_back(address);
  }
  std::vector<wire::IpAddress> all;
  for (std::size_t i = 0; i < std::max(v6.size(), v4.size()); ++i) {
    if (i < v6.size()) all.push_back(v6[i]);
    if (i < v4.size()) all.push_back(v4[i]);
  }
  all.resize(std::min(all.size(), kAddressesMost));
  return all;
}

tls::ServerDemand server_demand(const policy::Demand& demand, const policy::FactsView& facts,
                                std::size_t host) {
  using Kind = tls::ServerDemand::Kind;
  tls::ServerDemand made;
  const auto names = policy::names_for(demand, facts, host);
  made.server_name = names.sni;
  made.web_pki_name = names.pkix;
  made.kind = demand.needs_dane() && demand.needs_pkix() ? Kind::dane_and_web_pki
              : demand.needs_dane()                      ? Kind::dane
              : demand.needs_pkix()                      ? Kind::web_pki
                                                         : Kind::unauthenticated;
  made.also_judge_web_pki = demand.test_pkix;
  if (!demand.needs_dane()) return made;
  for (const auto& record : policy::employed(facts, host)) {
    made.tlsa.push_back(
        {record.usage, record.selector, record.matching, {record.data.begin(), record.data.end()}});
  }
  for (std::size_t i = 0; !facts.host_name_allowed(host, i).empty(); ++i) {
    made.tlsa_names.emplace_back(facts.host_name_allowed(host, i));
  }
  return made;
}

std::string words_of(const policy::ReasonView& reason) {
  std::string text(reason.text);
  if (reason.ede >= 0) text += (text.empty() ? "EDE " : ", EDE ") + std::to_string(reason.ede);
  if (!reason.extended.empty()) text += ": " + std::string(reason.extended);
  return text;
}

// What every target on the internet has in common.
Target base_target(const Settings& settings) {
  const auto& outbound = settings.outbound;
  Target target;
  target.client = outbound.client;
  target.client.host_name = settings.client.host_name;
  target.messages_per_connection = outbound.messages_per_connection;
  target.idle = outbound.idle;
  target.connect_timeout = outbound.connect_timeout;
  target.oldest = kOldest;
  target.stalled_writer = settings.stalled_writer;
  target.endpoint.port = outbound.port;
  return target;
}

Target::Tls tls_of(const policy::Demand& demand) {
  if (demand.insist == policy::Insist::plaintext) return Target::Tls::plain;
  return demand.needs_tls() ? Target::Tls::required : Target::Tls::offered;
}

void add_host(Plan& plan, const policy::FactsView& facts, std::size_t host, const policy::Demand& demand,
              const Settings& settings) {
  Target target = base_target(settings);
  target.tls = tls_of(demand);
  target.proven = demand.needs_dane() || demand.needs_pkix();
  target.extension = demand.require_tls_extension;
  target.host = facts.host_name(host);
  target.domain = facts.domain();
  target.who = "the server " + target.host;
  target.demand = server_demand(demand, facts, host);
  target.decided = demand;
  target.sts_id = facts.sts_id();
  target.facts_learned = facts.head().learned;
  target.client.use_starttls = target.tls != Target::Tls::plain;
  target.client.require_tls = target.tls == Target::Tls::required;
  for (const auto& address : ordered_addresses(facts, host)) {
    target.endpoint.address = address;
    plan.candidates.push_back({.target = std::make_shared<const Target>(target)});
  }
}

}  // namespace

std::uint64_t Shuffler::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

bool is_current(const policy::FactsView& facts, WallTime now) {
  return now.time_since_epoch().count() < facts.head().expires;
}

Plan make_plan(const policy::FactsView& facts, const policy::MessageWishes& wishes, const Settings& settings,
               Now now, Shuffler& shuffler) {
  const auto& outbound = settings.outbound;
  Plan plan{.made = now.instant};
  plan.learned = facts.head().learned;
  plan.sts_id = facts.sts_id();
  plan.domain = policy::decide_domain(facts.head(), wishes, outbound.policy);
  if (plan.domain.insist != policy::Insist::ask_hosts) {
    plan.detail = words_of(facts.mx_reason());
    return plan;
  }
  const auto* rule = policy::override_for(outbound.overrides, facts.domain());
  for (const auto host : ordered_hosts(facts, shuffler)) {
    const auto demand =
        policy::decide(facts.head(), facts.host(host), wishes, rule == nullptr ? nullptr : &rule->second,
                       outbound.policy, now.wall);
    if (demand.may_deliver()) {
      add_host(plan, facts, host, demand, settings);
      continue;
    }
    const auto detail =
        facts.host(host).addresses == 0 ? facts.host_address_reason(host) : facts.host_tlsa_reason(host);
    plan.barred.push_back({std::string(facts.host_name(host)), demand, words_of(detail)});
  }
  return plan;
}

std::shared_ptr<const Target> rerouted_target(const wire::Endpoint& endpoint, const Settings& settings) {
  auto target = std::make_shared<Target>(base_target(settings));
  target->endpoint = endpoint;
  target->who = "the server " + endpoint.address.text();
  target->decided.insist = policy::Insist::opportunistic;
  target->decided.reason = "a person rerouted the message";
  return target;
}

std::shared_ptr<const Target> without_tls(const Target& target) {
  auto clear = std::make_shared<Target>(target);
  clear->tls = Target::Tls::plain;
  clear->client.use_starttls = false;
  return clear;
}

}  // namespace postern::shard
