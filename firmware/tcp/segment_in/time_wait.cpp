// A segment for a connection that is over. RFC 9293 §3.10.7.4 as it speaks of TIME-WAIT, RFC 6191, RFC 1337.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/promote.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

// RFC 6191 §2: may this SYN begin a new connection?
bool begins_anew(const TimeWait& record, const Arrival& a) {
  if (!a.has(wire::kTcpSyn) || a.has(wire::kTcpAck | wire::kTcpRst | wire::kTcpFin)) return false;
  if (record.timestamps && a.options.has_timestamps) {
    const auto difference = static_cast<std::int32_t>(a.options.timestamp - record.timestamp_recent);
    if (difference != 0) return difference > 0;
  }
  return a.seq > record.receive_next;
}

// RFC 5961 §7: so many a second. Not so many in all: where answers are lost, a peer asks for as long as it
// must.
bool may_answer(const Core& core, TimeWait& record, Instant now) {
  const std::uint16_t second = second_of(now);
  if (record.challenge_second != second) {
    record.challenge_second = second;
    record.challenges = 0;
  }
  if (record.challenges >= core.settings.challenge_acks) return false;
  ++record.challenges;
  return true;
}

}  // namespace

void arrives_in_time_wait(Core& core, std::uint32_t slot, Arrival& a) {
  TimeWait& record = core.time_wait.at(slot);
  if (a.has(wire::kTcpRst)) {  // RFC 1337 §3 F1
    ++core.counters.time_wait_reset_ignored;
    return;
  }
  if (begins_anew(record, a) && core.listening[a.flow.local.port]) {
    ++core.counters.time_wait_reused;
    const SeqNumber beyond = record.send_next;
    const std::uint32_t table_hash = record.table_hash;
    forget_time_wait(core, slot);
    return answer_new_syn(core, a, table_hash, &beyond);
  }
  // The peer has not heard our last acknowledgment: say it again and wait anew.
  const bool fin_again = a.has(wire::kTcpFin) && a.end() == record.receive_next;
  if (fin_again) {
    const TimeWait again = record;
    forget_time_wait(core, slot);
    remember_time_wait(core, again, a.now);
    return answer_time_wait(core, again, a.now);
  }
  // RFC 9293 §3.10.7.4: what is acceptable carries nothing of use any more and is ignored; the rest is
  // answered. Two ends that both wait do not answer each other for ever: what they send is acceptable.
  const bool acceptable = a.seq == record.receive_next && !a.has(wire::kTcpSyn | wire::kTcpFin);
  if (!acceptable && may_answer(core, record, a.now)) answer_time_wait(core, record, a.now);
}

}  // namespace postern::tcp
