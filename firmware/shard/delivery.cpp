#include "firmware/shard/delivery.hpp"

#include <algorithm>
#include <utility>

#include <boost/container/flat_map.hpp>

#include "firmware/mail/domain.hpp"
#include "firmware/shard/outbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// Assignments per call: a full queue must not hold the core.
constexpr int kPerTurn = 16;

spool::Verdict verdict_of(const smtp::RecipientResult& result, std::string_view host) {
  using Kind = spool::Verdict::Kind;
  const auto kind = result.code >= 200 && result.code < 300 ? Kind::delivered
                    : result.code >= 500                    ? Kind::failed
                                                            : Kind::deferred;
  return {.kind = kind,
          .code = result.code,
          .status = result.status,
          .text = result.text,
          .host = std::string(host)};
}

std::string host_of(const Outbound* session) {
  if (session == nullptr) return {};
  const auto& target = session->target();
  return target.host.empty() ? target.endpoint.address.text() : target.host;
}

// The way of everybody in domains we serve.
constexpr std::string_view kOfficeWay = "";
// No domain's name: the way of TLS reports.
constexpr std::string_view kReportsWay = "<reports>";

}  // namespace

Delivery::Delivery(Shard::State& shard) : shard_(shard) {}

void Delivery::reset() {
  served_.clear();
  for (const auto& domain : shard_.settings->server.served_domains) {
    const auto name = mail::to_a_labels(domain);
    served_.insert(name.empty() ? domain : name);
  }
}

bool Delivery::is_served(std::string_view domain) const {
  const auto name = mail::to_a_labels(domain);
  return served_.contains(name.empty() ? std::string(domain) : name);
}

void Delivery::pump() {
  for (int i = 0; i < kPerTurn; ++i) {
    if (!assign_damaged() && !assign_message()) break;
  }
  shard_.office.pump();
  shard_.internet.pump();
}

// What cannot be read back is not tried again; its sender hears of it.
bool Delivery::assign_damaged() {
  if (!shard_.spool.accepting()) return false;
  for (const auto id : shard_.spool.set_aside()) {
    if (shard_.bounces.works_on(id)) continue;
    ++shard_.counters.shard.messages_unreadable;
    const auto owed = shard_.spool.owed(id);
    if (owed && !owed->recipients.empty()) {
      shard_.bounces.damaged(*owed);
    } else {
      shard_.spool.discard(id, shard_.now);  // not even the envelope is left; the spool has reported it
    }
    return true;
  }
  return false;
}

bool Delivery::assign_message() {
  if (shard_.stopping || under_way_ >= shard_.settings->outbound.parts) return false;
  auto attempt = std::make_shared<Attempt>();
  if (!shard_.spool.due(shard_.now, attempt->owed)) return false;
  if (attempt->owed.expired) {
    shard_.bounces.expire(attempt->owed);
  } else {
    split(attempt);
  }
  return true;
}

// One part per way. RFC 5321 §4.5.4.1: recipients at one domain travel in one transaction.
void Delivery::split(const std::shared_ptr<Attempt>& attempt) {
  const auto& owed = attempt->owed;
  const bool direct = !shard_.settings->outbound.via_office;
  boost::container::small_vector<std::pair<std::string, Part>, 1> parts;
  boost::container::flat_map<std::string, std::size_t> index;
  for (const auto recipient : owed.recipients) {
    const auto& path = owed.envelope->recipients[recipient].path;
    const bool free = owed.route.empty();
    const bool away = free && direct && !is_served(path.domain);
    const std::string way = away                                        ? path.domain
                            : free && shard_.report_desk.takes(path) ? std::string(kReportsWay)
                                                                        : std::string(kOfficeWay);
    const auto [place, is_new] = index.try_emplace(way, parts.size());
    if (is_new) parts.push_back({way, Part{.attempt = attempt}});
    parts[place->second].second.recipients.push_back(recipient);
  }
  attempt->out = static_cast<std::uint32_t>(parts.size());
  under_way_ += attempt->out;
  for (auto& [way, part] : parts) hand_on(std::move(part), way);
}

void Delivery::hand_on(Part part, const std::string& way) {
  if (!part.owed().route.empty()) return shard_.internet.reroute(std::move(part));
  if (way == kOfficeWay) return shard_.office.add(std::move(part));
  if (way == kReportsWay) return shard_.report_desk.add(std::move(part));
  shard_.internet.add(std::move(part), way);
}

void Delivery::conclude(Part part, const smtp::RecipientResult& result, std::string_view host) {
  std::vector<smtp::RecipientResult> results(part.recipients.size(), result);
  if (!host.empty() && !results.empty()) {
    for (auto& one : results) one.text = std::string(host) + ": " + one.text;
  }
  done(std::move(part), results, nullptr);
}

void Delivery::postpone(Part part, Instant later) {
  auto& attempt = *part.attempt;
  attempt.later = std::max(attempt.later, later);
  returned(part.attempt, {});
}

void Delivery::done(Part part, const std::vector<smtp::RecipientResult>& results, const Outbound* session) {
  auto& attempt = *part.attempt;
  const auto& envelope = part.envelope();
  const auto host = host_of(session);
  const bool tells = session != nullptr && session->client().offers_dsn();
  std::vector<spool::Spool::Settled> delivered;
  bool deferred = false;
  for (std::size_t i = 0; i < part.recipients.size() && i < results.size(); ++i) {
    const auto recipient = part.recipients[i];
    spool::Spool::Settled entry{recipient, verdict_of(results[i], host)};
    using Kind = spool::Verdict::Kind;
    deferred = deferred || entry.verdict.kind == Kind::deferred;
    if (entry.verdict.kind == Kind::failed) {
      attempt.failed.push_back(std::move(entry));
      continue;
    }
    // RFC 3461 §5.2.2: the last who can tell tells.
    if (entry.verdict.kind == Kind::delivered && !tells &&
        mail::wants_dsn(envelope, recipient, mail::DsnAction::relayed)) {
      attempt.relayed.push_back({.recipient = recipient,
                                 .action = mail::DsnAction::relayed,
                                 .code = entry.verdict.code,
                                 .status = entry.verdict.status,
                                 .text = entry.verdict.text,
                                 .host = host});
    }
    if (entry.verdict.kind == Kind::delivered) delivered.push_back(entry);
    attempt.settled.push_back(std::move(entry));
  }
  shard_.counters.shard.messages_delivered += delivered.empty() ? 0 : 1;
  shard_.counters.shard.messages_deferred += deferred ? 1 : 0;
  const auto kind = !delivered.empty() ? Outcome::Kind::delivered
                    : deferred         ? Outcome::Kind::deferred
                                       : Outcome::Kind::refused;
  tell(part, results.empty() ? smtp::RecipientResult{451, "4.3.0", "no result"} : results.front(), session,
       kind);
  returned(part.attempt, std::move(delivered));
}

void Delivery::tell(const Part& part, const smtp::RecipientResult& result, const Outbound* session,
                    Outcome::Kind kind) {
  const auto& owed = part.owed();
  const std::string sender = part.envelope().sender.text();
  const auto& first = part.envelope().recipients[part.recipients.front()].path;
  const std::string recipient = first.text();
  const std::string host = host_of(session);
  const bool away = !is_served(first.domain);
  std::string reply = result.status.empty() ? result.text : result.status + " " + result.text;
  if (session != nullptr && kind == Outcome::Kind::delivered) reply = session->client().last_reply();
  Outcome outcome{.kind = kind,
                  .when = shard_.now.wall,
                  .id = owed.id,
                  .bytes = owed.bytes,
                  .took = shard_.now.wall - part.envelope().arrival,
                  .recipients = static_cast<std::uint32_t>(part.recipients.size()),
                  .code = result.code,
                  .sender = sender,
                  .recipient = recipient,
                  .reply = reply,
                  .host = host,
                  .domain = away ? std::string_view(first.domain) : std::string_view()};
  if (session != nullptr) {
    const auto facts = session->tls_facts();
    outcome.peer = session->target().endpoint.address;
    outcome.tls_version = facts.version;
    outcome.tls_cipher = facts.cipher;
    outcome.insisted = session->target().decided.reason;
  }
  shard_.outcomes.tell(outcome);
}

void Delivery::returned(const std::shared_ptr<Attempt>& attempt,
                        std::vector<spool::Spool::Settled> delivered) {
  --under_way_;
  if (--attempt->out == 0) return close(*attempt);
  if (!delivered.empty()) shard_.spool.note(attempt->owed.id, delivered, shard_.now);
}

void Delivery::close(Attempt& attempt) {
  const auto& owed = attempt.owed;
  if (attempt.settled.empty() && attempt.failed.empty()) {
    return shard_.spool.postpone(owed.id, attempt.later, shard_.now);
  }
  // A bounce has to be durable before the recipients it speaks of are settled.
  shard_.bounces.report(attempt);
}

Instant Delivery::next_deadline() const {
  const auto carriers = std::min(shard_.office.next_deadline(), shard_.internet.next_deadline());
  if (under_way_ >= shard_.settings->outbound.parts || shard_.stopping) return carriers;
  return std::min(carriers, shard_.spool.next_due());
}

}  // namespace postern::shard
