#include "firmware/tcp/answers.hpp"

#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

void push(Core& core, const Reply& reply) {
  if (!core.replies.push(reply)) ++core.counters.replies_full;
}

// RFC 5961 §7: what was answered is counted anew each second.
void begin_second(Connection& c, Instant now) {
  const std::uint16_t second = second_of(now);
  if (second == c.challenge_second) return;
  c.challenge_second = second;
  c.challenges = c.useless_acks = 0;
}

}  // namespace

void answer_with_reset(Core& core, const Arrival& a) {
  if (a.has(wire::kTcpRst)) return;
  Reply reply;
  reply.flow = a.flow;
  if (a.has(wire::kTcpAck)) {
    reply.sequence = a.ack;
    reply.flags = wire::kTcpRst;
  } else {
    reply.acknowledgment = a.end();
    reply.flags = wire::kTcpRst | wire::kTcpAck;
  }
  ++core.counters.resets_out;
  push(core, reply);
}

void reset_peer(Core& core, const Connection& c) {
  if (c.is(ConnectionState::closed | ConnectionState::syn_sent) || c.detached) return;
  Reply reply;
  reply.flow = c.flow;
  reply.sequence = c.send_next;
  reply.acknowledgment = c.receive_next;
  reply.flags = wire::kTcpRst | wire::kTcpAck;
  ++core.counters.resets_out;
  push(core, reply);
}

void answer_syn(Core& core, const Handshake& shake, std::uint32_t timestamp, Instant) {
  Reply reply;
  reply.flow = shake.flow;
  reply.sequence = shake.own_first;
  reply.acknowledgment = shake.peer_first + 1;
  reply.flags = wire::kTcpSyn | wire::kTcpAck;
  if (shake.ecn) reply.flags |= wire::kTcpEce;  // RFC 3168 §6.1.1
  reply.window = static_cast<std::uint16_t>(first_window(core.settings));
  reply.has_mss = true;
  reply.mss = largest_mss(core.settings, shake.flow.remote.address);
  reply.has_window_scale = shake.scaling;
  reply.window_scale = window_shift(core.settings);
  reply.sack_permitted = shake.sack;
  reply.has_timestamps = shake.timestamps;
  reply.timestamp = timestamp;
  reply.timestamp_echo = shake.timestamp_recent;
  reply.user_timeout = user_timeout_option(core.settings);
  push(core, reply);
}

void answer_half_open(Core& core, const Handshake& shake, Instant now) {
  Reply reply;
  reply.flow = shake.flow;
  reply.sequence = shake.own_first + 1;
  reply.acknowledgment = shake.peer_first + 1;
  reply.flags = wire::kTcpAck;
  const std::uint32_t shift = shake.scaling ? window_shift(core.settings) : 0u;
  reply.window = static_cast<std::uint16_t>(first_window(core.settings) >> shift);
  reply.has_timestamps = shake.timestamps;
  reply.timestamp = timestamp_clock(now) + shake.timestamp_offset;
  reply.timestamp_echo = shake.timestamp_recent;
  push(core, reply);
}

void challenge(Core& core, Connection& c, Instant now) {
  begin_second(c, now);
  const std::uint32_t most = core.settings.challenge_acks + (c.table_hash & 3);
  if (c.challenges >= most) {
    ++core.counters.challenges_withheld;
    return;
  }
  ++c.challenges;
  ++core.counters.challenges;
  acknowledge_now(core, c);
}

void answer_useless_data(Core& core, Connection& c, Instant now) {
  begin_second(c, now);
  if (c.useless_acks >= core.settings.useless_data_acks) {
    ++core.counters.useless_data_withheld;
    return;
  }
  ++c.useless_acks;
  acknowledge_now(core, c);
}

void answer_time_wait(Core& core, const TimeWait& record, Instant now) {
  Reply reply;
  reply.flow = record.flow;
  reply.sequence = record.send_next;
  reply.acknowledgment = record.receive_next;
  reply.flags = wire::kTcpAck;
  reply.window = record.window;
  reply.has_timestamps = record.timestamps;
  reply.timestamp = timestamp_clock(now) + record.timestamp_offset;
  reply.timestamp_echo = record.timestamp_recent;
  push(core, reply);
}

void remember_time_wait(Core& core, TimeWait record, Instant now) {
  if (core.time_wait.full()) {
    const std::uint32_t oldest = core.time_wait.first();
    if (core.time_wait.at(oldest).live) ++core.counters.time_wait_recycled;
    forget_time_wait(core, oldest);
    core.time_wait.drop_first();
  }
  record.until = now + core.settings.time_wait;
  const std::uint32_t slot = core.time_wait.add(record);
  core.flows.insert(record.table_hash, {RecordKind::time_wait, slot});
}

void forget_time_wait(Core& core, std::uint32_t slot) {
  TimeWait& record = core.time_wait.at(slot);
  if (!record.live) return;
  record.live = false;
  core.flows.erase(record.table_hash, {RecordKind::time_wait, slot});
}

}  // namespace postern::tcp
