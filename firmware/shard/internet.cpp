#include "firmware/shard/internet.hpp"

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <charconv>
#include <utility>

#include "firmware/mail/domain.hpp"
#include "firmware/shard/outbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

constexpr int kAnswersPerTurn = 64;
constexpr std::size_t kServedPerTurn = 16;
constexpr std::size_t kLookedPerTurn = 64;
constexpr Duration kLookEvery = std::chrono::milliseconds(100);

policy::MessageWishes wishes_of(const Part& part) {
  const bool require = part.envelope().require_tls;
  // RFC 8689 §4.1: where both are there, REQUIRETLS counts.
  return {.require_tls = require, .tls_required_no = !require && part.owed().marks.tls_required_no};
}

std::string key_of(const std::string& domain, const policy::MessageWishes& wishes) {
  return domain + (wishes.require_tls ? " +" : wishes.tls_required_no ? " -" : "");
}

// "192.0.2.1:25" or "[2001:db8::1]:25".
Result<wire::Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail("no port");
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = wire::IpAddress::parse(host);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address || error != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return fail("no address and port");
  return wire::Endpoint{*address, port};
}

}  // namespace

void Internet::add(Part part, const std::string& domain) {
  const auto name = mail::to_a_labels(domain);
  if (name.empty() || mail::is_address_literal(domain)) {
    return shard_.delivery.conclude(std::move(part), {550, "5.1.2", "this is no domain mail can go to"}, {});
  }
  const auto wishes = wishes_of(part);
  auto& destination = find(key_of(name, wishes), {.domain = name, .wishes = wishes});
  destination.add(std::move(part));
  wake(destination);
}

void Internet::reroute(Part part) {
  const auto route = part.owed().route;
  const auto endpoint = parse_endpoint(route);
  if (!endpoint) {
    return shard_.delivery.conclude(std::move(part), {451, "4.3.5", "its route is no address"}, {});
  }
  auto& destination = find("@" + route, {.fixed = rerouted_target(*endpoint, *shard_.settings)});
  destination.add(std::move(part));
  wake(destination);
}

void Internet::end_rest(const std::string& domain) {
  const auto name = mail::to_a_labels(domain);
  for (const policy::MessageWishes wishes :
       {policy::MessageWishes{}, {.require_tls = true}, {.require_tls = false, .tls_required_no = true}}) {
    const auto found = by_key_.find(key_of(name, wishes));
    if (found != by_key_.end()) found->second->end_rest();
  }
}

void Internet::end_rests() {
  for (const auto& destination : all_) destination->end_rest();
}

Destination& Internet::find(const std::string& key, Destination::Place place) {
  auto& known = by_key_[key];
  if (known == nullptr) {
    all_.push_back(std::make_unique<Destination>(shard_, key, std::move(place)));
    known = all_.back().get();
  }
  return *known;
}

void Internet::wake(Destination& destination) {
  if (destination.has_work()) awake_.push_back(destination.key());
}

PolicyTicket Internet::open_ticket(Destination& destination) {
  tickets_[++last_ticket_] = &destination;
  return last_ticket_;
}

void Internet::take_answers() {
  PolicyTicket ticket = 0;
  for (int i = 0; i < kAnswersPerTurn && shard_.policies.ready(ticket); ++i) {
    const auto found = tickets_.find(ticket);
    if (found == tickets_.end()) continue;  // too late: it was put off
    auto& destination = *found->second;
    tickets_.erase(found);
    destination.answered();
    wake(destination);
  }
}

void Internet::pump() {
  take_answers();
  boost::container::static_vector<Destination*, kServedPerTurn> turn;
  while (turn.size() < kServedPerTurn && !awake_.empty()) {
    const auto found = by_key_.find(awake_.front());
    awake_.pop_front();
    if (found != by_key_.end()) turn.push_back(found->second);
  }
  // They wait for the memory of their facts together, not one after the other.
  boost::container::static_vector<std::string_view, kServedPerTurn> names;
  for (const auto* destination : turn) {
    if (destination->needs_facts()) names.push_back(destination->domain());
  }
  shard_.policies.prefetch({names.data(), names.size()});
  for (auto* destination : turn) destination->serve();
  if (shard_.now.instant >= next_look_) look();
}

// Time passes for all of them: slow connections, questions nobody answers, rests that are over.
void Internet::look() {
  for (std::size_t i = 0; i < kLookedPerTurn && !all_.empty(); ++i) {
    if (looked_ >= all_.size()) {
      looked_ = 0;
      next_look_ = shard_.now.instant + kLookEvery;
      return;
    }
    auto& destination = all_[looked_];
    if (destination->forgettable()) {
      by_key_.erase(destination->key());
      std::swap(destination, all_.back());
      all_.pop_back();
      continue;
    }
    if (destination->has_work()) destination->serve();
    ++looked_;
  }
}

bool Internet::room() const {
  return session_count_ < shard_.settings->outbound.connections;
}

bool Internet::room_at(const wire::IpAddress& address, const Destination& asker) {
  const auto found = hosts_.find(address.bytes);
  if (found == hosts_.end()) return true;
  auto& [sessions, waiting] = found->second;
  if (sessions.size() < shard_.settings->outbound.connections_per_host) return true;
  if (std::find(waiting.begin(), waiting.end(), asker.key()) != waiting.end()) return false;
  waiting.push_back(asker.key());
  const auto idle =
      std::find_if(sessions.begin(), sessions.end(), [](const Outbound* one) { return one->idle(); });
  if (idle != sessions.end()) (*idle)->shut_down();
  return false;
}

bool Internet::wanted(const wire::IpAddress& address) const {
  const auto found = hosts_.find(address.bytes);
  return found != hosts_.end() && !found->second.waiting.empty();
}

void Internet::opened(Outbound& session) {
  ++session_count_;
  hosts_[session.target().endpoint.address.bytes].sessions.push_back(&session);
}

// Whoever waits for the address longest has its turn; it is there to be found, or nothing is lost.
void Internet::closed(const Outbound& session) {
  --session_count_;
  const auto found = hosts_.find(session.target().endpoint.address.bytes);
  if (found == hosts_.end()) return;
  auto& [sessions, waiting] = found->second;
  std::erase(sessions, &session);
  if (!waiting.empty()) {
    awake_.push_back(std::move(waiting.front()));
    waiting.pop_front();
  } else if (sessions.empty()) {
    hosts_.erase(found);
  }
}

Instant Internet::next_deadline() const {
  if (!awake_.empty()) return shard_.now.instant;
  return all_.empty() ? kNever : std::max(next_look_, shard_.now.instant);
}

}  // namespace postern::shard
