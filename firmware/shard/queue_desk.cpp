#include "firmware/shard/queue_desk.hpp"

#include <algorithm>
#include <array>

#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// Per turn: a core must not be held.
constexpr int kLooksPerTurn = 256;
constexpr std::uint32_t kActsPerTurn = 32;

template <std::size_t N>
void put(std::array<char, N>& to, std::string_view text) {
  const auto length = std::min(text.size(), N - 1);
  std::copy_n(text.begin(), length, to.begin());
  to[length] = 0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_text(std::string_view wanted, std::string_view text) {
  return std::equal(wanted.begin(), wanted.end(), text.begin(), text.end(),
                    [](char a, char b) { return a == lower(b); });
}

bool sender_fits(std::string_view wanted, const mail::Path& sender) {
  if (wanted.starts_with('@')) return same_text(wanted.substr(1), sender.domain);
  return same_text(wanted, sender.text());
}

Outcome::Kind kind_of(QueueVerb verb) {
  static constexpr std::array kKinds{Outcome::Kind::held,    Outcome::Kind::held,     Outcome::Kind::released,
                                     Outcome::Kind::hurried, Outcome::Kind::rerouted, Outcome::Kind::returned,
                                     Outcome::Kind::dropped, Outcome::Kind::held};
  return kKinds[static_cast<std::size_t>(verb)];
}

}  // namespace

bool QueueDesk::take(QueueWork& work) {
  if (waiting_.size() >= kMost) return false;
  waiting_.push_back(&work);
  return true;
}

QueueWork* QueueDesk::next() {
  if (over_.empty()) return nullptr;
  auto* work = over_.front();
  over_.pop_front();
  return work;
}

void QueueDesk::pump() {
  if (!busy()) return;
  auto& work = *waiting_.front();
  const auto acts = acts_;
  for (int i = 0; i < kLooksPerTurn && acts_ - acts < kActsPerTurn; ++i) {
    if (step(work)) continue;
    looks_ = acts_ = 0;
    waiting_.pop_front();
    over_.push_back(&work);
    return;
  }
}

bool QueueDesk::step(QueueWork& work) {
  if (work.question.verb == QueueVerb::recipients) return step_recipients(work);
  const auto& ids = work.question.ids;
  const auto end = ids.empty() ? shard_.spool.places() : static_cast<std::uint32_t>(ids.size());
  work.finished = work.cursor >= end;
  const bool full = work.shown == std::min<std::size_t>(QueueWork::kEntries, work.question.show);
  // With the last entry wanted the piece ends too: its cursor is where a list may be gone on with.
  const bool page_over = full && work.shown > 0;
  if (work.finished || page_over || looks_ >= QueueWork::kMostLooks || acts_ >= QueueWork::kMostActs)
    return false;
  ++looks_;
  spool::Queued seen;
  const bool there = look(work, seen);
  ++work.cursor;
  if (!there || !fits(work, seen)) return true;
  ++work.matched;
  const bool busy = is_busy(work.question.verb, seen);
  ++(busy ? work.busy : work.done);
  if (!full) show(work, seen, !busy);
  if (!busy && work.question.act && work.question.verb != QueueVerb::list) act(work, seen);
  return true;
}

bool QueueDesk::look(const QueueWork& work, spool::Queued& seen) const {
  const auto& ids = work.question.ids;
  return ids.empty() ? shard_.spool.look_at(work.cursor, seen) : shard_.spool.look(ids[work.cursor], seen);
}

bool QueueDesk::fits(const QueueWork& work, const spool::Queued& seen) const {
  const auto& question = work.question;
  if (seen.born > question.asked || question.asked - seen.born < question.older) return false;
  using State = spool::Queued::State;
  if (question.verb == QueueVerb::hold && seen.state == State::held) return false;
  if (question.verb == QueueVerb::release && seen.state == State::waiting) return false;
  if (question.state && *question.state != seen.state) return false;
  if (question.from && !sender_fits(*question.from, seen.envelope->sender)) return false;
  if (!question.reason.empty() && last_words(seen).find(question.reason) == std::string_view::npos)
    return false;
  return is_owed_to(question, seen);
}

bool QueueDesk::is_owed_to(const QueueQuestion& question, const spool::Queued& seen) const {
  if (question.to_domain.empty() && question.to.empty()) return true;
  const auto& recipients = seen.envelope->recipients;
  for (std::uint32_t i = 0; i < recipients.size(); ++i) {
    const auto& path = recipients[i].path;
    if ((question.to_domain.empty() || same_text(question.to_domain, path.domain)) &&
        (question.to.empty() || same_text(question.to, path.text())) && shard_.spool.owes(seen.id, i))
      return true;
  }
  return false;
}

std::string_view QueueDesk::last_words(const spool::Queued& seen) const {
  if (const auto trouble = shard_.spool.last_trouble(seen.id); !trouble.empty()) return trouble;
  for (std::uint32_t i = 0; i < seen.envelope->recipients.size(); ++i) {
    const auto* last = shard_.spool.owes(seen.id, i) ? shard_.spool.last_verdict(seen.id, i) : nullptr;
    if (last != nullptr) return last->text;
  }
  return {};
}

// The cursor is the number of the recipient.
bool QueueDesk::step_recipients(QueueWork& work) const {
  spool::Queued seen;
  const auto& ids = work.question.ids;
  const bool there = !ids.empty() && shard_.spool.look(ids.front(), seen);
  work.finished = !there || work.cursor >= seen.envelope->recipients.size();
  if (work.finished || work.shown == QueueWork::kEntries) return false;
  auto& entry = work.entries[work.shown++];
  entry = {.id = seen.id, .state = seen.state, .done = !shard_.spool.owes(seen.id, work.cursor)};
  put(entry.to, seen.envelope->recipients[work.cursor].path.text());
  if (const auto* last = shard_.spool.last_verdict(seen.id, work.cursor)) {
    entry.attempts = last->code;
    put(entry.last, last->text);
  }
  ++work.matched;
  ++work.cursor;
  return true;
}

bool QueueDesk::is_busy(QueueVerb verb, const spool::Queued& seen) const {
  const bool ends = verb == QueueVerb::bounce || verb == QueueVerb::drop;
  using State = spool::Queued::State;
  if (seen.state == State::damaged) return verb != QueueVerb::list;  // it is going back already
  if (seen.state == State::held) return verb == QueueVerb::retry;
  return seen.state == State::under_way && (ends || verb == QueueVerb::retry);
}

void QueueDesk::show(QueueWork& work, const spool::Queued& seen, bool done) const {
  auto& entry = work.entries[work.shown++];
  entry = {.id = seen.id,
           .state = seen.state,
           .done = done,
           .born = seen.born.time_since_epoch().count(),
           .next = seen.next.time_since_epoch().count(),
           .bytes = seen.bytes,
           .attempts = seen.attempts};
  put(entry.from, seen.envelope->sender.text());
  put(entry.route, seen.route);
  put(entry.last, last_words(seen));
  for (std::uint32_t i = 0; i < seen.envelope->recipients.size(); ++i) {
    if (!shard_.spool.owes(seen.id, i)) continue;
    if (entry.owed++ == 0) put(entry.to, seen.envelope->recipients[i].path.text());
  }
}

void QueueDesk::act(const QueueWork& work, const spool::Queued& seen) {
  ++acts_;
  tell(work, seen);  // before it is gone
  auto& spool = shard_.spool;
  switch (work.question.verb) {
    case QueueVerb::list:
    case QueueVerb::recipients:
      break;
    case QueueVerb::hold:
    case QueueVerb::release:
      spool.hold(seen.id, work.question.verb == QueueVerb::hold, shard_.now);
      break;
    case QueueVerb::retry:
      for (const auto& recipient : seen.envelope->recipients) shard_.internet.end_rest(recipient.path.domain);
      spool.retry(seen.id, shard_.now);
      break;
    case QueueVerb::reroute:
      spool.reroute(seen.id, work.question.route, shard_.now);
      break;
    case QueueVerb::bounce:
      spool.give_back(seen.id, shard_.now);
      break;
    case QueueVerb::drop:
      spool.discard(seen.id, shard_.now);
      break;
  }
  ++shard_.counters.shard.queue_wishes;
}

void QueueDesk::tell(const QueueWork& work, const spool::Queued& seen) const {
  const auto sender = seen.envelope->sender.text();
  const auto recipient =
      seen.envelope->recipients.empty() ? std::string() : seen.envelope->recipients.front().path.text();
  std::string words = "by " + work.question.who;
  if (work.question.verb == QueueVerb::reroute) {
    words += work.question.route.empty() ? ": by domain again" : ": over " + work.question.route;
  }
  shard_.outcomes.tell({.kind = kind_of(work.question.verb),
                        .when = shard_.now.wall,
                        .id = seen.id,
                        .bytes = seen.bytes,
                        .recipients = static_cast<std::uint32_t>(seen.envelope->recipients.size()),
                        .sender = sender,
                        .recipient = recipient,
                        .reply = words});
}

}  // namespace postern::shard
