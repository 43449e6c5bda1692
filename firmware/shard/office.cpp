#include "firmware/shard/office.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/outbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// Assignments per call, and parts that wait for a session.
constexpr int kPerTurn = 8;
constexpr std::size_t kWaitingMost = 256;
constexpr Duration kSpillApart = std::chrono::microseconds(100);
constexpr Duration kSpillLeast = std::chrono::milliseconds(20);
constexpr Duration kSpillMost = std::chrono::seconds(10);

std::shared_ptr<const Target> office_target(const Settings& settings, const wire::Endpoint& server) {
  using Tls = OfficeSettings::Tls;
  const auto& office = settings.office;
  auto target = std::make_shared<Target>();
  target->endpoint = server;
  target->who = "the office's server";
  target->tls = office.tls == Tls::plain      ? Target::Tls::plain
                : office.tls == Tls::required ? Target::Tls::required
                                              : Target::Tls::offered;
  target->proven = office.tls == Tls::required;
  target->demand = office.demand;
  if (!target->proven) target->demand.kind = tls::ServerDemand::Kind::unauthenticated;
  target->client = settings.client;
  target->client.use_starttls = office.tls != Tls::plain;
  target->client.require_tls = office.tls == Tls::required;
  target->messages_per_connection = office.messages_per_connection;
  target->idle = office.idle;
  target->stalled_writer = settings.stalled_writer;
  return target;
}

}  // namespace

void Office::reset() {
  servers_.clear();
  for (const auto& server : shard_.settings->office.servers) {
    servers_.push_back(Server{.target = office_target(*shard_.settings, server)});
  }
}

// What does not find room goes back into the queue for a moment: a slow office must not keep mail to the
// internet waiting.
void Office::add(Part part) {
  if (waiting_.size() < kWaitingMost) {
    waiting_.push_back(std::move(part));
    return;
  }
  ++shard_.counters.shard.parts_spilled;
  const auto now = shard_.now.instant;
  spill_ = std::clamp(spill_ + kSpillApart, now + kSpillLeast, now + kSpillMost);
  shard_.delivery.postpone(std::move(part), spill_);
}

void Office::gone(Outbound& session) {
  std::erase(sessions_, &session);
}

Office::Server* Office::server_of(const Outbound& session) {
  for (auto& server : servers_) {
    if (server.target.get() == &session.target()) return &server;
  }
  return nullptr;  // it began under other settings
}

void Office::works(Outbound& session) {
  auto* server = server_of(session);
  if (server == nullptr) return;
  const bool was_down = server->failed;
  *server = Server{.target = server->target};
  if (was_down) shard_.spool.hurry(shard_.now);
}

void Office::failed(Outbound& session, const Trouble& trouble) {
  ++shard_.counters.shard.office_connect_failed;
  if (auto* server = server_of(session)) failed(*server, trouble.result.text);
}

void Office::failed(Server& server, std::string_view why) {
  const auto& office = shard_.settings->office;
  server.pause = server.failed ? std::min(server.pause * 2, office.retry_most) : office.retry_first;
  server.failed = true;
  server.retry_at = shard_.now.instant + server.pause;
  server.reason = why;
}

void Office::done(Outbound& session, Part part, const std::vector<smtp::RecipientResult>& results) {
  shard_.delivery.done(std::move(part), results, &session);
}

void Office::broke(Outbound&, Part part, const Trouble& trouble, bool stale) {
  if (!stale) return shard_.delivery.conclude(std::move(part), trouble.result, {});
  part.stale = true;
  waiting_.push_front(std::move(part));
}

void Office::probed(const mail::Path& recipient, const std::vector<smtp::RecipientResult>& results) {
  const auto code = results.empty() ? 451 : results.front().code;
  const auto answer = code / 100 == 2   ? smtp::RecipientAnswer::known
                      : code / 100 == 5 ? smtp::RecipientAnswer::unknown
                                        : smtp::RecipientAnswer::try_later;
  shard_.recipients.answered(recipient, answer, results.empty() ? std::string() : results.front().text);
}

void Office::not_probed(const mail::Path& recipient, std::string_view why) {
  shard_.recipients.unanswered(recipient, why);
}

Office::Server* Office::pick() {
  for (auto& server : servers_) {
    if (server.retry_at <= shard_.now.instant) return &server;
  }
  return nullptr;
}

std::string_view Office::unreachable() const {
  return servers_.empty() ? "no office server is configured" : std::string_view(servers_.front().reason);
}

Outbound* Office::idle_session() {
  for (auto* session : sessions_) {
    if (session->idle()) return session;
  }
  return nullptr;
}

Outbound* Office::open_session() {
  auto* server = pick();
  if (server == nullptr) return nullptr;
  const auto& remote = server->target->endpoint;
  const auto route = shard_.net.route(remote.address);
  if (!route) {
    ++shard_.counters.shard.office_connect_failed;
    failed(*server, route.error().reason);
    return nullptr;
  }
  const auto id = shard_.tcp.connect(route->source, remote, shard_.now.instant, shard_.steering.lands_here,
                                     shard_.steering.context);
  if (!id) {
    ++shard_.counters.shard.office_connect_failed;
    failed(*server, id.error().reason);
    return nullptr;
  }
  auto session = std::make_unique<Outbound>(shard_, *id, server->target, *this);
  auto* opened = session.get();
  sessions_.push_back(opened);
  shard_.attach(*id, std::move(session));
  return opened;
}

void Office::pump() {
  for (int i = 0; i < kPerTurn; ++i) {
    if (!assign_probe() && !assign_message()) return;
  }
}

bool Office::assign_probe() {
  auto* session = idle_session();
  const bool may_open = sessions_.size() < shard_.settings->office.connections;
  if (session == nullptr && !may_open) return false;
  mail::Path question;
  if (!shard_.recipients.next_question(question)) return false;
  if (session == nullptr) session = open_session();
  if (session == nullptr) {
    shard_.recipients.unanswered(question, unreachable());
  } else {
    session->probe(question);
  }
  return true;
}

bool Office::assign_message() {
  if (waiting_.empty()) return false;
  auto* session = idle_session();
  if (session == nullptr && sessions_.size() >= shard_.settings->office.connections) return false;
  if (session == nullptr) session = open_session();
  auto part = std::move(waiting_.front());
  waiting_.pop_front();
  if (session == nullptr) {
    shard_.delivery.conclude(std::move(part), {451, "4.4.1", std::string(unreachable())}, {});
  } else {
    session->deliver(std::move(part));
  }
  return true;
}

Instant Office::next_deadline() const {
  const bool room = sessions_.size() < shard_.settings->office.connections;
  return !waiting_.empty() && room ? shard_.now.instant : kNever;
}

}  // namespace postern::shard
