// The door for arrived segments: length, checksum, which record it belongs to. RFC 9293 §3.10.7.
#include "firmware/tcp/segment_in/segment_in.hpp"

#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/wire/checksum.hpp"

namespace postern::tcp {

namespace {

bool checksum_holds(const SegmentInfo& info, Bytes segment) {
  const auto length = static_cast<std::uint32_t>(segment.size());
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(info.source, info.destination, wire::kIpProtocolTcp, length);
  return wire::checksum_finish(wire::checksum_add(pseudo, segment)) == 0;
}

Arrival arrival_of(const SegmentInfo& info, const wire::TcpView& view, Instant now) {
  Arrival a;
  a.flow = {{info.destination, view.destination_port()}, {info.source, view.source_port()}};
  a.seq = SeqNumber{view.sequence()};
  a.ack = SeqNumber{view.acknowledgment()};
  a.flags = view.flags();
  a.ecn = info.ecn;
  a.window = view.window();
  a.urgent_pointer = view.urgent_pointer();
  a.options = wire::parse_tcp_options(view.options());
  a.payload = view.payload();
  a.now = now;
  return a;
}

using Step = Verdict (*)(Core&, Connection&, Arrival&);
// RFC 9293 §3.10.7.4. The third step, security, is left out: nothing below us knows of compartments.
constexpr Step kSteps[] = {check_sequence, check_rst, check_syn, check_ack,
                           check_urgent,   take_text, take_fin};

}  // namespace

void arrives(Core& core, Connection& c, Arrival& a) {
  for (const Step step : kSteps) {
    if (step(core, c, a) == Verdict::done) return;
  }
}

void segment_arrives(Core& core, const SegmentInfo& info, Bytes segment, Instant now) {
  core.settle();
  ++core.counters.segments_in;
  const auto view = wire::TcpView::parse(segment);
  if (!view) {
    ++core.counters.malformed;
    return;
  }
  if (!info.checksum_good && !checksum_holds(info, segment)) {
    ++core.counters.bad_checksum;
    return;
  }
  Arrival a = arrival_of(info, *view, now);
  const std::uint32_t table_hash = core.hash(a.flow);
  const RecordRef ref = core.lookup(table_hash, a.flow);
  switch (ref.kind()) {
    case RecordKind::none:
      return arrives_without_connection(core, a, table_hash);
    case RecordKind::half_open:
      return arrives_half_open(core, ref.slot(), a);
    case RecordKind::time_wait:
      return arrives_in_time_wait(core, ref.slot(), a);
    case RecordKind::connection:
      break;
  }
  Connection& c = core.connections.at(ref.slot());
  if (c.state == ConnectionState::syn_sent) return arrives_in_syn_sent(core, c, a);
  arrives(core, c, a);
}

}  // namespace postern::tcp
