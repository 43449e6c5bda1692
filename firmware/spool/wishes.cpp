// What others want of a queued message: a delivery in parts, a later turn, and the wishes of people.
#include "firmware/spool/state.hpp"

namespace postern::spool {

Message* Spool::State::queued(MessageId id) {
  const auto slot = slot_of(id);
  return slot == kNoSlot || !slots_[slot].in_queue() ? nullptr : &slots_[slot];
}

void Spool::State::note(MessageId id, std::span<const Settled> settled, Now now) {
  now_ = now;
  auto* message = queued(id);
  if (message == nullptr) return;
  take_verdicts(*message, settled);
  // A crash from here on finds an attempt that ended: what is noted is settled, the rest is tried again.
  message->wants.state = true;
  want_log(slot_of(id));
}

void Spool::State::postpone(MessageId id, Instant at, Now now) {
  now_ = now;
  auto* message = queued(id);
  if (message == nullptr || message->phase != Phase::under_way) return;
  unpin(*message);
  message->wants.attempt = false;  // most often it was not written yet
  --counters_.attempts;
  schedule(slot_of(id), std::min(at, std::max(message->expires, now.instant)));
}

void Spool::State::delay_told(MessageId id) {
  auto* message = queued(id);
  if (message == nullptr) return;
  message->delay_told = true;
  message->wants.state = true;
  want_log(slot_of(id));
}

bool Spool::State::hold(MessageId id, bool held, Now now) {
  now_ = now;
  auto* message = queued(id);
  if (message == nullptr) return false;
  message->held = held;
  message->wants.state = true;
  want_log(slot_of(id));
  // One that is under way is held when its attempt is over.
  if (message->phase == Phase::waiting) schedule(slot_of(id), now.instant);
  return true;
}

bool Spool::State::reroute(MessageId id, std::string_view route, Now now) {
  now_ = now;
  auto* message = queued(id);
  if (message == nullptr) return false;
  message->route = route;
  message->wants.state = true;
  want_log(slot_of(id));
  if (message->phase == Phase::waiting) schedule(slot_of(id), now.instant);
  return true;
}

bool Spool::State::retry_now(MessageId id, Now now) {
  now_ = now;
  auto* message = queued(id);
  if (message == nullptr) return false;
  if (message->phase != Phase::waiting) return true;
  message->next_wall = now.wall.time_since_epoch().count();
  schedule(slot_of(id), now.instant);
  return true;
}

bool Spool::State::give_back(MessageId id, Now now) {
  now_ = now;
  auto* message = queued(id);
  if (message == nullptr) return false;
  message->returned = true;
  message->held = false;
  message->expires = now.instant;
  message->wants.state = true;
  want_log(slot_of(id));
  if (message->phase == Phase::waiting) schedule(slot_of(id), now.instant);
  return true;
}

bool Spool::State::look_at(Slot slot, Queued& seen) const {
  const auto& message = slots_[slot];
  if (!message.in_queue()) return false;
  using How = Queued::State;
  seen.state = message.phase == Phase::aside       ? How::damaged
               : message.phase == Phase::under_way ? How::under_way
               : message.held                      ? How::held
                                                   : How::waiting;
  seen.id = message.id;
  seen.envelope = &message.envelope;
  seen.bytes = message.size;
  seen.attempts = message.attempts;
  seen.born = WallTime(Duration(message.born));
  seen.next = WallTime(Duration(message.next_wall));
  seen.route = message.route;
  return true;
}

}  // namespace postern::spool
