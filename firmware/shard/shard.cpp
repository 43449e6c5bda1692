#include "firmware/shard/shard.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "firmware/shard/arrivals.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
Result<std::unique_ptr<Shard>, Fault> Shard::create(const Settings& settings, const Birth& birth,
                                                    CounterSet counters, OutcomeSink& outcomes) {
  auto core = tls::Core::create(settings.tls, birth.credentials, birth.tickets, birth.seed, counters.tls);
  if (!core) return fault(core.error().reason);
  auto state = std::make_unique<State>(settings, std::move(*core), counters, outcomes, birth);
  for (const auto& key : birth.signing_keys) {
    const auto service = key.tls_reports_only ? dkim::Service::tls_reports : dkim::Service::any;
    if (auto added = state->keys.add(key.domain, key.selector, key.pem, service); !added) {
      return fault("the key that signs for " + key.domain +
                   " cannot be used: " + std::string(added.error().reason));
    }
  }
  state->recipients.reload();
  state->delivery.reset();
  state->office.reset();
  return std::unique_ptr<Shard>(new Shard(std::move(state)));
}

Shard::Shard(std::unique_ptr<State> state) : state_(std::move(state)) {}
Shard::~Shard() = default;

void Shard::enter_thread() {
  state_->tls->enter_thread();
}
spool::Spool& Shard::spool() {
  return state_->spool;
}

Taken Shard::on_frame(PortIndex port, const Frame& frame, Now now) {
  auto& shard = *state_;
  shard.now = now;
  const auto arrival = shard.net.accept(port, frame, now.instant);
  Taken taken{.for_kernel = arrival.copy_to_kernel, .for_all = arrival.share};
  switch (arrival.kind) {
    case net::Arrival::Kind::handled:
      break;
    case net::Arrival::Kind::error:
      shard.tcp.accept_icmp(icmp_error(arrival), now.instant);
      break;
    case net::Arrival::Kind::exception:
      taken.for_kernel = true;
      break;
    case net::Arrival::Kind::segment:
      taken.for_kernel = !state_->on_segment(arrival) || taken.for_kernel;
      break;
  }
  shard.counters.shard.frames_exception += taken.for_kernel ? 1 : 0;
  return taken;
}

// False where the segment belongs to a connection of the kernel's.
bool Shard::State::on_segment(const net::Arrival& arrival) {
  const tcp::SegmentInfo info = segment_info(arrival);
  if (settings->net.exception_path && !tcp.wants(info, arrival.payload)) return false;
  tcp.accept_segment(info, arrival.payload, now.instant);
  // Sessions take what they can straight out of the frame; the rest is copied before it goes away.
  dispatch();
  tcp.settle();
  return true;
}

void Shard::on_disk(const spool::DiskAnswer& answer, Now now) {
  state_->now = now;
  state_->spool.answered(answer, now);
}

void Shard::disk_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes) {
  state_->spool.disk_space(free_bytes, reserve_bytes);
}

void Shard::advance(Now now) {
  auto& shard = *state_;
  shard.now = now;
  shard.tls->set_time(now.wall);
  shard.net.advance(now.instant);
  shard.tcp.advance(now.instant);
  shard.dispatch();
  shard.sweep();
  shard.logins.pump();
  shard.signings.pump();
  shard.injections.pump();
  shard.queue_desk.pump();
  shard.report_desk.pump();
  shard.delivery.pump();
  shard.run_ready();
  shard.dispatch();
}

bool Shard::next_order(spool::DiskOrder& order) {
  return state_->spool.next_order(order);
}

bool Shard::transmit(FrameSink& sink, Now now) {
  auto& shard = *state_;
  shard.now = now;
  shard.net.drain(sink, now.instant);
  for (std::size_t i = 0; i < kTransmitBudget; ++i) {
    if (!shard.has_spare) {
      shard.has_spare = sink.allocate(shard.spare_port, shard.spare);
      if (!shard.has_spare) {
        ++shard.counters.shard.send_blocked;
        return true;
      }
    }
    auto& spare = shard.spare;
    MutableBytes room(spare.data + net::Stack::kTransportOffset,
                      spare.capacity - net::Stack::kTransportOffset);
    tcp::OutgoingSegment segment;
    if (!shard.tcp.emit(room, segment, now.instant)) return false;
    const auto route = shard.net.route(segment.destination, segment.source);
    if (!route) continue;  // counted by net; TCP will try again
    Frame frame = spare;
    if (route->port != shard.spare_port) {
      // The buffer came from another port's pool: this happens once when traffic turns to another port.
      if (!sink.allocate(route->port, frame)) {
        ++shard.counters.shard.send_blocked;
        return true;
      }
      std::memcpy(frame.data + net::Stack::kTransportOffset, room.data(), segment.length);
      sink.discard(shard.spare_port, spare);
      shard.spare_port = route->port;
    }
    shard.has_spare = false;
    frame.checksum = segment.checksum_pending ? ChecksumState::transport : ChecksumState::unknown;
    shard.net.send(sink, route->port, frame, segment.source, segment.destination, kTcp, segment.length,
                   segment.ecn, now.instant);
  }
  return true;
}

Instant Shard::next_deadline() const {
  const auto& shard = *state_;
  if (shard.has_ready() || shard.injections.busy() || shard.queue_desk.busy() || shard.report_desk.busy())
    return shard.now.instant;
  const auto engines = std::min(shard.tcp.next_deadline(), shard.net.next_deadline());
  const auto sessions = shard.open_sessions > 0 ? shard.next_sweep : kNever;
  return std::min({engines, sessions, shard.delivery.next_deadline(), shard.logins.next_deadline(),
                   shard.signings.next_deadline()});
}

void Shard::apply(const Settings& settings) {
  auto& shard = *state_;
  shard.settings = std::make_shared<const Settings>(settings);
  shard.recipients.reload();
  shard.delivery.reset();
  shard.office.reset();
}

void Shard::set_ticket_keys(const tls::TicketKeys& tickets) {
  state_->tls->set_ticket_keys(tickets);
}

void Shard::hurry(Now now) {
  state_->now = now;
  state_->office.reset();
  state_->internet.end_rests();
  state_->spool.hurry(now);
}

void Shard::inject(const Injection& injection) {
  state_->injections.take(injection);
}

bool Shard::next_injected(Injected& answer) {
  return state_->injections.next(answer);
}

bool Shard::ask_queue(QueueWork& work) {
  return state_->queue_desk.take(work);
}

QueueWork* Shard::next_queue_work() {
  return state_->queue_desk.next();
}

const ReportMail* Shard::next_report_mail() {
  return state_->report_desk.next();
}

void Shard::answer_report_mail(const ReportAnswer& answer, Now now) {
  state_->now = now;
  state_->report_desk.answered(answer);
}

void Shard::shut_down(Now now) {
  auto& shard = *state_;
  shard.now = now;
  shard.stopping = true;
  shard.next_sweep = now.instant;
  for (const auto port : shard.settings->smtp_ports) shard.tcp.stop_listening(port);
  for (const auto port : shard.settings->smtps_ports) shard.tcp.stop_listening(port);
  for (const auto port : shard.settings->submission.ports) shard.tcp.stop_listening(port);
}

bool Shard::quiet() const {
  return state_->open_sessions == 0;
}

}  // namespace postern::shard
