// The sessions of a destination: when one is opened and to whom, what each is given, and what became of it.
#include <algorithm>
#include <utility>

#include "firmware/shard/destination.hpp"
#include "firmware/shard/outbound.hpp"
#include "firmware/shard/session_report.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// Connections that broke under one part before it is put off.
constexpr std::uint8_t kTriesMost = 3;
// A server that failed is left alone this long where others of the destination work.
constexpr Duration kLeaveAlone = std::chrono::minutes(1);

}  // namespace

bool Destination::give_one() {
  auto* session = idle_session();
  if (session == nullptr) return false;
  auto part = std::move(waiting_.front());
  waiting_.pop_front();
  session->deliver(std::move(part));
  return true;
}

Outbound* Destination::idle_session() {
  for (auto* session : sessions_) {
    if (session->idle()) return session;
  }
  return nullptr;
}

// One connection until one works; a slow one gets company after a while (RFC 8305 §5). Then as many as the
// window and the work allow.
bool Destination::may_open(std::size_t& ready) const {
  const auto& outbound = shard_.settings->outbound;
  std::size_t pending = 0;
  Instant youngest{};
  for (const auto* session : sessions_) {
    if (session->ready()) {
      ++ready;
    } else {
      ++pending;
      youngest = std::max(youngest, session->opened());
    }
  }
  if (sessions_.size() >= outbound.connections_per_destination || !shard_.internet.room()) return false;
  if (ready == 0) return pending == 0 || shard_.now.instant >= youngest + outbound.next_address;
  return sessions_.size() < window_ && pending < waiting_.size();
}

// The first that has not failed. Where none works yet, one that is being tried already is passed over.
Candidate* Destination::next_candidate() {
  std::size_t ready = 0;
  for (const auto* session : sessions_) ready += session->ready() ? 1 : 0;
  for (auto& candidate : plan_.candidates) {
    if (candidate.failed && ready > 0 && shard_.now.instant >= candidate.failed_at + kLeaveAlone)
      candidate.failed = false;
    if (candidate.failed) continue;
    const auto& address = candidate.target->endpoint.address;
    const bool tried = std::any_of(sessions_.begin(), sessions_.end(), [&](const Outbound* session) {
      return !session->ready() && session->target().endpoint.address == address;
    });
    if (ready == 0 && tried) continue;
    if (!shard_.internet.room_at(address, *this)) continue;
    return &candidate;
  }
  return nullptr;
}

bool Destination::open_one() {
  std::size_t ready = 0;
  if (!may_open(ready)) return false;
  auto* candidate = next_candidate();
  if (candidate == nullptr) {
    const bool all_failed = std::all_of(plan_.candidates.begin(), plan_.candidates.end(),
                                        [](const Candidate& one) { return one.failed; });
    if (sessions_.empty() && all_failed) give_up();
    return false;
  }
  const auto target = candidate->in_clear ? without_tls(*candidate->target) : candidate->target;
  const auto route = shard_.net.route(target->endpoint.address);
  const auto id = !route ? Result<tcp::ConnectionId>(fail(route.error().reason))
                         : shard_.tcp.connect(route->source, target->endpoint, shard_.now.instant,
                                              shard_.steering.lands_here, shard_.steering.context);
  if (!id) {
    // No way there, or no room here: no word about the server, but the next one may do.
    candidate->failed = true;
    candidate->failed_at = shard_.now.instant;
    last_trouble_ = {451, "4.4.1",
                     target->who + " cannot be reached from here: " + std::string(id.error().reason)};
    all_for_ever_ = false;
    return true;
  }
  auto session = std::make_unique<Outbound>(shard_, *id, target, *this);
  sessions_.push_back(session.get());
  shard_.internet.opened(*session);
  shard_.attach(*id, std::move(session));
  return true;
}

Candidate* Destination::candidate_of(const Outbound& session) {
  for (auto& candidate : plan_.candidates) {
    if (candidate.target->endpoint.address == session.target().endpoint.address &&
        candidate.target->host == session.target().host)
      return &candidate;
  }
  return nullptr;
}

void Destination::gone(Outbound& session) {
  std::erase(sessions_, &session);
  shard_.internet.closed(session);
  shard_.internet.wake(*this);
}

void Destination::works(Outbound& session) {
  pause_ = {};
  rest_until_ = {};
  all_for_ever_ = true;
  report_session(shard_, session, nullptr, waiting_.empty() ? nullptr : &waiting_.front());
}

void Destination::free(Outbound& session) {
  if (waiting_.empty()) {
    // Not kept for reuse while another domain waits for the same host.
    if (shard_.internet.wanted(session.target().endpoint.address)) session.shut_down();
    return;
  }
  auto part = std::move(waiting_.front());
  waiting_.pop_front();
  session.deliver(std::move(part));
  shard_.internet.wake(*this);
}

void Destination::failed(Outbound& session, const Trouble& trouble) {
  using Stage = Trouble::Stage;
  ++shard_.counters.shard.destinations_failed;
  window_ = std::max(1u, window_ / 2);
  if (!session.ready()) {
    report_session(shard_, session, &trouble, waiting_.empty() ? nullptr : &waiting_.front());
  }
  auto* candidate = candidate_of(session);
  // RFC 7435 §4: where nothing was promised, mail goes in the clear rather than not at all.
  const bool may_be_clear = session.target().tls == Target::Tls::offered && trouble.stage == Stage::tls;
  if (candidate != nullptr && may_be_clear && !candidate->in_clear) {
    ++shard_.counters.shard.fell_back_to_clear;
    candidate->in_clear = true;
  } else if (candidate != nullptr) {
    candidate->failed = true;
    candidate->failed_at = shard_.now.instant;
  }
  last_trouble_ = trouble.result;
  all_for_ever_ = all_for_ever_ && trouble.result.code >= 500;
  shard_.internet.wake(*this);
}

void Destination::done(Outbound& session, Part part, const std::vector<smtp::RecipientResult>& results) {
  const auto most = shard_.settings->outbound.connections_per_destination;
  if (window_ < most) ++window_;
  shard_.delivery.done(std::move(part), results, &session);
}

// RFC 5321 §5.1: another server may take it.
void Destination::broke(Outbound&, Part part, const Trouble& trouble, bool stale) {
  part.stale = stale;
  if (!stale) ++part.tries;
  const bool other = std::any_of(plan_.candidates.begin(), plan_.candidates.end(),
                                 [](const Candidate& one) { return !one.failed; });
  if (stale || (other && part.tries < kTriesMost)) {
    waiting_.push_front(std::move(part));
    return shard_.internet.wake(*this);
  }
  shard_.delivery.conclude(std::move(part), trouble.result, {});
}

}  // namespace postern::shard
