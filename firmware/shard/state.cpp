#include "firmware/shard/state.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/inbound.hpp"

namespace postern::shard {
namespace {

// Without state.
NoPolicySource no_policies;
NoLoginSource no_logins;

constexpr std::size_t kScratch = 16 * 1024;  // one TLS record of plain text
constexpr Duration kSweepEvery = 100ms;
constexpr std::size_t kSweepParts = 10;   // so each session is looked at about once a second
constexpr std::size_t kEventRounds = 64;  // most rounds of events per turn; the rest waits for the next

}  // namespace

Shard::State::State(const Settings& given, std::unique_ptr<tls::Core> core, CounterSet counter_set,
                    OutcomeSink& sink, const Birth& birth)
    : settings(std::make_shared<const Settings>(given)),
      counters(counter_set),
      outcomes(sink),
      steering(birth.steering),
      policies(birth.policies != nullptr ? *birth.policies : no_policies),
      logins_of(birth.logins != nullptr ? *birth.logins : no_logins),
      net(given.net, counter_set.net),
      tcp(given.tcp, counter_set.tcp),
      tls(std::move(core)),
      spool(given.spool, counter_set.spool),
      signings(*this, birth.signatures),
      recipients(*this),
      bounces(*this),
      injections(*this),
      queue_desk(*this),
      report_desk(*this),
      logins(*this),
      delivery(*this),
      office(*this),
      internet(*this, load_be64(birth.seed.data())),
      scratch(kScratch),
      slots(given.tcp.connections) {
  for (const auto port : given.smtp_ports) tcp.listen(port);
  for (const auto port : given.smtps_ports) tcp.listen(port);
  for (const auto port : given.submission.ports) tcp.listen(port);
}

Shard::State::Slot* Shard::State::slot(tcp::ConnectionId id) {
  if (id.slot >= slots.size()) slots.resize(id.slot + 1);
  auto& found = slots[id.slot];
  return found.session && found.generation == id.generation ? &found : nullptr;
}

Session* Shard::State::find(tcp::ConnectionId id) const {
  if (id.slot >= slots.size()) return nullptr;
  const auto& found = slots[id.slot];
  return found.generation == id.generation ? found.session.get() : nullptr;
}

void Shard::State::attach(tcp::ConnectionId id, std::unique_ptr<Session> session) {
  slot(id);
  auto& place = slots[id.slot];
  if (place.session) dead.push_back(std::move(place.session));
  place = Slot{std::move(session), id.generation, false};
  ++open_sessions;
  run_again(id);
}

void Shard::State::retire(tcp::ConnectionId id) {
  auto* found = slot(id);
  if (found == nullptr) return;
  dead.push_back(std::move(found->session));
  found->ready = false;
  --open_sessions;
}

void Shard::State::run_again(tcp::ConnectionId id) {
  auto* found = slot(id);
  if (found == nullptr || found->ready) return;
  found->ready = true;
  ready.push_back(id);
}

void Shard::State::watch(spool::MessageId message, tcp::ConnectionId id) {
  watchers[message].push_back(id);
}
void Shard::State::unwatch(spool::MessageId message, tcp::ConnectionId id) {
  const auto found = watchers.find(message);
  if (found == watchers.end()) return;
  auto& ids = found->second;
  ids.erase(std::remove(ids.begin(), ids.end(), id), ids.end());
  if (ids.empty()) watchers.erase(found);
}

// To everybody who has to do with the message; false where there is nobody.
bool Shard::State::pass_on(const spool::Event& event) {
  const auto found = watchers.find(event.id);
  if (found == watchers.end()) return false;
  const auto ids = found->second;  // they may stop watching meanwhile
  bool any = false;
  for (const auto id : ids) {
    auto* session = find(id);
    if (session != nullptr) session->on_spool(event);
    any = any || session != nullptr;
  }
  return any;
}

// Sessions are destroyed here and nowhere else: never below one of their own calls.
void Shard::State::bury() {
  while (!dead.empty()) {
    auto gone = std::move(dead);
    dead.clear();
    gone.clear();
  }
}

void Shard::State::tcp_events() {
  const auto seen = tcp.events();
  tcp_batch.assign(seen.begin(), seen.end());
  tcp.clear_events();
  for (const auto& event : tcp_batch) {
    if (event.kind == tcp::EventKind::opened) Inbound::begin(*this, event.id);
    if (auto* session = find(event.id)) session->on_event(event.kind);
    const bool over = event.kind == tcp::EventKind::reset || event.kind == tcp::EventKind::timed_out ||
                      event.kind == tcp::EventKind::closed;
    if (over) retire(event.id);
  }
}

void Shard::State::spool_events() {
  const auto seen = spool.events();
  spool_batch.assign(seen.begin(), seen.end());
  spool.clear_events();
  for (const auto& event : spool_batch) {
    if (event.kind == spool::EventKind::room) {
      injections.on_room();
      for (const auto& [message, ids] : watchers) {
        (void)message;
        for (const auto id : ids) {
          if (auto* session = find(id)) session->on_spool(event);
        }
      }
      continue;
    }
    if (bounces.on_spool(event) || injections.on_spool(event) || report_desk.on_spool(event)) continue;
    if (!pass_on(event) && event.kind == spool::EventKind::stored) {
      // The peer left before it could hear 250: the message stands, and may come a second time.
      ++counters.shard.stored_unanswered;
    }
  }
}

void Shard::State::run_ready() {
  running.swap(ready);
  for (const auto id : running) {
    auto* found = slot(id);
    if (found == nullptr) continue;
    found->ready = false;
    found->session->run();
  }
  running.clear();
}

void Shard::State::dispatch() {
  for (std::size_t round = 0; round < kEventRounds; ++round) {
    if (!tcp.events().empty()) tcp_events();
    if (!spool.events().empty()) spool_events();
    bury();
    if (tcp.events().empty() && spool.events().empty()) return;
  }
}

void Shard::State::sweep() {
  if (now.instant < next_sweep) return;
  next_sweep = now.instant + kSweepEvery;
  const std::size_t part = slots.size() / kSweepParts + 1;
  for (std::size_t i = 0; i < part; ++i) {
    swept = swept + 1 < slots.size() ? swept + 1 : 0;
    auto* session = slots[swept].session.get();
    if (session == nullptr) continue;
    if (stopping) session->shut_down();
    if (session->deadline() <= now.instant) session->on_deadline();
  }
  bury();
}

}  // namespace postern::shard
