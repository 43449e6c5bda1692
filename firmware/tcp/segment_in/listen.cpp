// A segment no record knows: CLOSED and LISTEN. RFC 9293 §3.10.7.1 and §3.10.7.2, RFC 4987.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/cookie.hpp"
#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/segment_in/promote.hpp"

namespace postern::tcp {

namespace {

// A SYN that is not answered at all, and why.
bool refused(Core& core, const Arrival& a) {
  if (a.has(wire::kTcpFin) || a.flow.local == a.flow.remote) {
    ++core.counters.syn_nonsense;
    return true;
  }
  if (core.prefixes.full(a.flow.remote.address)) {
    ++core.counters.prefix_full;
    return true;
  }
  if (core.connections.used() >= core.settings.connections) {
    ++core.counters.no_connection_free;
    return true;
  }
  return false;
}

void remember_half_open(Core& core, const Handshake& shake, std::uint32_t table_hash, Instant now) {
  const std::uint32_t slot = core.half_open.take();
  HalfOpen& record = core.half_open.at(slot);
  record.shake = shake;
  record.table_hash = table_hash;
  record.answered_at = now;
  record.timer.owner = {RecordKind::half_open, slot};
  core.flows.insert(table_hash, record.timer.owner);
  core.wheel.arm(record.timer, now + core.settings.initial_rto);
  core.half_open_prefixes.add(shake.flow.remote.address);
}

// No memory for this one: the peer keeps the handshake itself.
bool half_open_is_full(Core& core, const wire::IpAddress& peer) {
  if (core.half_open.used() >= std::min(core.settings.half_open_plain, core.settings.half_open)) return true;
  if (!core.half_open_prefixes.full(peer)) return false;
  ++core.counters.half_open_prefix_full;
  return true;
}

void answer_with_cookie(Core& core, Handshake& shake, Instant now) {
  ++core.counters.cookies_sent;
  core.cookies_until = now + kCookieLifetime;
  make_cookie(core.settings.cookie_key, shake, now);
  answer_syn(core, shake, cookie_timestamp(shake, now), now);
}

// An acknowledgment that may complete a cookie. Only a plain one can: RST never does. True where the segment
// is dealt with.
bool completes_cookie(Core& core, Arrival& a, std::uint32_t table_hash) {
  const bool plain = !a.has(wire::kTcpSyn | wire::kTcpRst);
  if (a.now >= core.cookies_until || !plain || !core.listening[a.flow.local.port]) return false;
  const auto shake = read_cookie(core.settings, a);
  if (!shake) {
    ++core.counters.cookies_wrong;
    // What overtook the third packet cannot be checked. It is dropped, for the peer to send again, and not
    // answered with a reset, which would end an honest connection.
    return may_be_cookie(a);
  }
  if (core.prefixes.full(a.flow.remote.address)) {
    ++core.counters.prefix_full;
    return true;
  }
  ++core.counters.cookies_accepted;
  promote(core, *shake, table_hash, {}, a);
  return true;
}

}  // namespace

void answer_new_syn(Core& core, Arrival& a, std::uint32_t table_hash, const SeqNumber* beyond) {
  if (refused(core, a)) return;
  ++core.counters.syns_in;
  Handshake shake = read_syn(core, a);
  const FlowOrigin origin = flow_origin(core.settings.isn_key, a.flow, a.now);
  shake.timestamp_offset = origin.timestamp_offset;
  shake.own_first = origin.isn;
  if (half_open_is_full(core, a.flow.remote.address)) return answer_with_cookie(core, shake, a.now);
  // RFC 6191 §2: beyond anything the connection before it used.
  if (beyond != nullptr && shake.own_first <= *beyond) shake.own_first = *beyond + 65536;
  remember_half_open(core, shake, table_hash, a.now);
  answer_syn(core, shake, timestamp_clock(a.now) + shake.timestamp_offset, a.now);
}

void arrives_without_connection(Core& core, Arrival& a, std::uint32_t table_hash) {
  if (a.has(wire::kTcpRst)) return;  // RFC 9293 §3.10.7.1, §3.10.7.2 first
  if (a.has(wire::kTcpAck)) {
    if (completes_cookie(core, a, table_hash)) return;
    ++core.counters.no_such_connection;
    return answer_with_reset(core, a);
  }
  if (a.has(wire::kTcpSyn) && core.listening[a.flow.local.port])
    return answer_new_syn(core, a, table_hash, nullptr);
  ++core.counters.no_such_connection;
  // RFC 9293 §3.10.7.2 fourth: a listener drops what has neither SYN, ACK nor RST; a closed port refuses it.
  if (!core.listening[a.flow.local.port]) answer_with_reset(core, a);
}

}  // namespace postern::tcp
