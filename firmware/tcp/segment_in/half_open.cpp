// A segment for a handshake we answered: SYN-RECEIVED after a passive open. RFC 9293 §3.10.7.4.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/segment_in/promote.hpp"

namespace postern::tcp {

namespace {

// RFC 5961 §7: few answers per handshake, or it would serve to reflect what others send in the peer's name.
bool may_answer(Core& core, HalfOpen& record) {
  if (record.answers >= core.settings.challenge_acks) {
    ++core.counters.challenges_withheld;
    return false;
  }
  ++record.answers;
  return true;
}

void challenge_half_open(Core& core, HalfOpen& record, Instant now) {
  if (!may_answer(core, record)) return;
  ++core.counters.challenges;
  answer_half_open(core, record.shake, now);
}

bool acceptable(const Core& core, const HalfOpen& record, const Arrival& a) {
  const SeqNumber next = record.shake.peer_first + 1;
  const SeqNumber edge = next + first_window(core.settings);
  const bool old_timestamp =
      record.shake.timestamps && a.options.has_timestamps &&
      static_cast<std::int32_t>(a.options.timestamp - record.shake.timestamp_recent) < 0;
  return !old_timestamp && a.seq >= next && a.seq < edge;
}

}  // namespace

void arrives_half_open(Core& core, std::uint32_t slot, Arrival& a) {
  HalfOpen& record = core.half_open.at(slot);
  const bool same_syn =
      a.has(wire::kTcpSyn) && !a.has(wire::kTcpAck | wire::kTcpRst) && a.seq == record.shake.peer_first;
  if (same_syn) {
    if (!asks_for_ecn(a)) record.shake.ecn = false;       // RFC 3168 §6.1.1: one SYN without it is enough
    record.shake.timestamp_recent = a.options.timestamp;  // or the peer would measure from its first SYN
    return may_answer(core, record) ? repeat_syn_ack(core, record, a.now) : void();
  }
  if (a.has(wire::kTcpRst)) {
    if (a.seq == record.shake.peer_first + 1) {
      ++core.counters.resets_in;
      forget_half_open(core, slot);
    } else if (acceptable(core, record, a)) {
      challenge_half_open(core, record, a.now);  // RFC 5961 §3.2
    }
    return;
  }
  if (!acceptable(core, record, a) || a.has(wire::kTcpSyn)) return challenge_half_open(core, record, a.now);
  if (!a.has(wire::kTcpAck)) return;
  if (a.ack != record.shake.own_first + 1) return answer_with_reset(core, a);
  if (core.connections.used() >= core.settings.connections) {
    ++core.counters.no_connection_free;  // the handshake stays: the peer repeats itself
    return;
  }
  const Handshake shake = record.shake;
  const std::uint32_t table_hash = record.table_hash;
  const bool repeated = record.repeats > 0;
  const bool ambiguous = repeated || record.answers > 0;
  const Duration answer_time = ambiguous ? Duration{0} : a.now - record.answered_at;
  forget_half_open(core, slot);
  promote(core, shake, table_hash, {answer_time, repeated}, a);
}

void repeat_syn_ack(Core& core, HalfOpen& record, Instant now) {
  ++core.counters.syn_acks_repeated;
  if (record.repeats > 1) record.shake.ecn = false;  // the path may not like it
  answer_syn(core, record.shake, timestamp_clock(now) + record.shake.timestamp_offset, now);
}

void forget_half_open(Core& core, std::uint32_t slot) {
  HalfOpen& record = core.half_open.at(slot);
  core.wheel.disarm(record.timer);
  core.flows.erase(record.table_hash, {RecordKind::half_open, slot});
  core.half_open_prefixes.remove(record.shake.flow.remote.address);
  core.half_open.give(slot);
}

void promote(Core& core, const Handshake& shake, std::uint32_t table_hash, HandshakeTime time, Arrival& a) {
  Connection* const c = core.create(shake.flow, table_hash);
  if (c == nullptr) return;
  c->passive = true;
  core.prefixes.add(shake.flow.remote.address);
  c->send_first = shake.own_first;
  c->send_una = c->send_next = shake.own_first + 1;
  adopt_handshake(core, *c, shake, a.now);
  c->ecn = shake.ecn;
  if (c->ecn) ++core.counters.ecn_agreed;
  c->send_window = std::uint32_t{a.window} << c->send_shift;
  c->most_send_window = c->send_window;
  c->window_seq = a.seq;
  c->window_ack = a.ack;
  c->round_trip.cautious = time.repeated;
  if (time.answer > Duration{0}) {
    c->round_trip.sample(static_cast<std::uint32_t>(std::min<std::int64_t>(time.answer / 1us, 60'000'000)));
  }
  establish(core, *c, EventKind::opened, a.now);
  arrives(core, *c, a);
}

}  // namespace postern::tcp
