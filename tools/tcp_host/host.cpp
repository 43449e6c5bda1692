#include "tools/tcp_host/host.hpp"

#include <algorithm>

#include "firmware/shard/arrivals.hpp"

namespace postern::tcp_host {
Host::Host(nic::Port& port, const net::Settings& net_settings, const tcp::Settings& tcp_settings)
    : port_(port), net_(net_settings, net_counters_), tcp_(tcp_settings, tcp_counters_) {}

void Host::send(PortIndex, Frame& frame) {
  burst_[waiting_++] = frame;
  if (waiting_ == burst_.size()) flush();
}

void Host::flush() {
  if (waiting_ > 0) port_.transmit(std::span(burst_).first(waiting_), now_);
  waiting_ = 0;
}

void Host::take(const Frame& frame, Instant now) {
  const auto arrival = net_.accept(0, frame, now);
  if (arrival.kind == net::Arrival::Kind::error) tcp_.accept_icmp(shard::icmp_error(arrival), now);
  if (arrival.kind != net::Arrival::Kind::segment) return;
  tcp_.accept_segment(shard::segment_info(arrival), arrival.payload, now);
  dispatch(now);
  tcp_.settle();
}

std::size_t Host::receive(Instant now) {
  std::array<Frame, nic::kBurst> frames;
  const std::size_t count = port_.receive(frames, now);
  for (std::size_t i = 0; i < count; ++i) take(frames[i], now);
  if (count > 0) port_.release(std::span(frames).first(count));
  return count;
}

// An event's handler may cause further events: they are appended, so the list is looked at anew each time.
std::size_t Host::dispatch(Instant now) {
  std::size_t count = 0;
  for (; count < tcp_.events().size(); ++count) {
    const tcp::Event event = tcp_.events()[count];
    if (application_ != nullptr) application_->on_event(tcp_, event, now);
  }
  tcp_.clear_events();
  return count;
}

std::size_t Host::transmit(Instant now) {
  net_.drain(*this, now);
  for (std::size_t sent = 0; sent < kSegmentsPerPoll; ++sent) {
    if (!has_spare_) has_spare_ = port_.allocate(spare_);
    if (!has_spare_) return more_ = true, sent;
    constexpr auto kAt = net::Stack::kTransportOffset;
    tcp::OutgoingSegment segment;
    if (!tcp_.emit({spare_.data + kAt, spare_.capacity - kAt}, segment, now)) return more_ = false, sent;
    if (!net_.route(segment.destination, segment.source)) continue;  // TCP will try again
    has_spare_ = false;
    spare_.checksum = segment.checksum_pending ? ChecksumState::transport : ChecksumState::unknown;
    net_.send(*this, 0, spare_, segment.source, segment.destination, shard::kTcp, segment.length, segment.ecn,
              now);
  }
  more_ = true;
  return kSegmentsPerPoll;
}

std::size_t Host::poll(Instant now) {
  now_ = now;
  std::size_t work = receive(now);
  net_.advance(now);
  tcp_.advance(now);
  work += dispatch(now);
  if (application_ != nullptr) work += application_->advance(tcp_, now);
  work += dispatch(now);
  work += transmit(now);
  flush();
  return work;
}

Instant Host::next_deadline() const {
  if (more_) return now_;
  const Instant engines = std::min(net_.next_deadline(), tcp_.next_deadline());
  return std::min(
      {engines, port_.next_deadline(), application_ != nullptr ? application_->next_deadline() : kNever});
}

}  // namespace postern::tcp_host
