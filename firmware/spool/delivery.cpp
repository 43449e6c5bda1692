// The queue: what is due, how it went, when to try again, when it is over.
#include <algorithm>
#include <array>

#include "firmware/spool/state.hpp"

namespace postern::spool {

bool Spool::State::turn_is_valid(const Turn& turn) const {
  const auto& message = slots_[turn.slot];
  return message.phase == Phase::waiting && message.turn == turn.turn;
}

void Spool::State::schedule(Slot slot, Instant at) {
  auto& message = slots_[slot];
  message.phase = Phase::waiting;
  ++message.turn;
  if (!message.held) schedule_.add({at, slot, message.turn});
}

// A message just stored: its first attempt may start at once.
void Spool::State::enqueue(Slot slot) {
  ++queue_size_;
  schedule(slot, now_.instant);
}

bool Spool::State::due(Now now, Owed& owed) {
  now_ = now;
  Turn turn;
  if (!schedule_.take(
          now.instant, [this](const Turn& entry) { return turn_is_valid(entry); }, turn))
    return false;
  auto& message = slots_[turn.slot];
  message.phase = Phase::under_way;
  ++counters_.attempts;
  fill(message, owed);
  if (owed.expired) {
    ++counters_.expired;
  } else {
    message.wants.attempt = true;
    want_log(turn.slot);
  }
  return true;
}

void Spool::State::fill(const Message& message, Owed& owed) const {
  owed.id = message.id;
  owed.envelope = &message.envelope;
  owed.recipients.clear();
  for (std::uint32_t i = 0; i < message.envelope.recipients.size(); ++i) {
    if (message.owes(i)) owed.recipients.push_back(i);
  }
  owed.bytes = message.size;
  owed.attempts = message.attempts;
  owed.expired = now_.instant >= message.expires;
  owed.returned = message.returned;
  owed.marks = message.marks;
  owed.born = WallTime(Duration(message.born));
  owed.expires = now_.wall + (message.expires - now_.instant);
  owed.delay_told = message.delay_told;
  owed.route = message.route;
}

void Spool::State::take_verdicts(Message& message, std::span<const Settled> settled) {
  for (const auto& [recipient, verdict] : settled) {
    if (recipient >= message.envelope.recipients.size() || !message.owes(recipient)) continue;
    static constexpr std::array<Counter Counters::*, 3> kCounters = {&Counters::delivered,
                                                                     &Counters::deferred, &Counters::failed};
    ++(counters_.*kCounters[static_cast<std::size_t>(verdict.kind)]);
    message.verdicts.insert_or_assign(recipient, verdict);
  }
}

void Spool::State::settle(MessageId id, std::span<const Settled> settled, Now now) {
  now_ = now;
  const auto slot = slot_of(id);
  if (slot == kNoSlot || !slots_[slot].in_queue()) return;
  auto& message = slots_[slot];
  if (message.envelope.recipients.size() == 1 && settled.size() == 1 && message.verdicts.empty() &&
      settled[0].verdict.kind != Verdict::Kind::deferred) {
    // The most frequent end: nothing has to be remembered.
    ++(settled[0].verdict.kind == Verdict::Kind::delivered ? counters_.delivered : counters_.failed);
    return done(slot);
  }
  take_verdicts(message, settled);
  bool owes = false;
  for (std::uint32_t i = 0; i < message.envelope.recipients.size() && !owes; ++i) owes = message.owes(i);
  if (!owes) return done(slot);
  message.why.clear();
  retry(slot);
}

void Spool::State::release(MessageId id, Now now, std::string_view why) {
  now_ = now;
  const auto slot = slot_of(id);
  if (slot == kNoSlot || !slots_[slot].in_queue()) return;
  ++counters_.released;
  slots_[slot].why = why;
  retry(slot);
}

// Another attempt after a pause, but not later than the end of its queue life: then it is handed out as
// expired.
void Spool::State::retry(Slot slot) {
  auto& message = slots_[slot];
  unpin(message);
  ++message.attempts;
  auto at =
      now_.instant + retry_pause(message.id, message.attempts, settings_.retry_first, settings_.retry_most);
  if (message.expires > now_.instant) at = std::min(at, message.expires);
  message.next_wall = (now_.wall + (at - now_.instant)).time_since_epoch().count();
  message.wants.state = true;
  want_log(slot);
  if (message.phase != Phase::aside) schedule(slot, at);
}

void Spool::State::done(Slot slot) {
  ++counters_.done;
  kill(slot, true);
}

void Spool::State::discard(MessageId id) {
  const auto slot = slot_of(id);
  if (slot == kNoSlot || !slots_[slot].in_queue()) return;
  ++counters_.discarded;
  kill(slot, true);
}

}  // namespace postern::spool
