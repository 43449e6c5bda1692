#include "firmware/shard/inbound.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/client_certificate.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// Steps of one session before others get their turn.
constexpr int kStepsPerTurn = 64;

bool contains(const std::vector<std::uint16_t>& ports, std::uint16_t port) {
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

// RFC 6409 §3.1, RFC 8314 §3.3: people log in at the submission ports and where TLS comes first.
smtp::Peer peer_of(const Settings& settings, const wire::Flow& flow) {
  const auto& submission = settings.submission;
  smtp::Peer peer{.address = flow.remote.address, .port = flow.remote.port};
  peer.implicit_tls = contains(settings.smtps_ports, flow.local.port);
  peer.submission = contains(submission.ports, flow.local.port);
  peer.offer_auth = submission.logins && (peer.implicit_tls || peer.submission);
  peer.may_relay = std::any_of(submission.networks.begin(), submission.networks.end(),
                               [&](const wire::Prefix& one) { return one.contains(peer.address); });
  return peer;
}

// Where people and servers may log in, and nowhere else unless the settings say so: some senders at the MX
// port cannot cope with the question.
bool asks_certificate(const Settings& settings, const smtp::Peer& peer) {
  const auto& submission = settings.submission;
  const bool counts = submission.client_authority || !submission.client_pins.empty();
  return counts && (peer.implicit_tls || peer.submission || submission.client_everywhere);
}

}  // namespace

void Inbound::begin(Shard::State& shard, tcp::ConnectionId id) {
  const auto flow = shard.tcp.flow(id);
  if (shard.stopping) {
    shard.tcp.abort(id, shard.now.instant);
    return;
  }
  shard.attach(id, std::make_unique<Inbound>(shard, id, flow, peer_of(*shard.settings, flow)));
}

Inbound::Inbound(Shard::State& shard, tcp::ConnectionId id, const wire::Flow& flow, const smtp::Peer& peer)
    : shard_(shard),
      settings_(shard.settings),
      flow_(flow),
      channel_(shard.tcp, id, shard.scratch),
      server_(settings_->server, shard.counters.smtp, peer, shard.now),
      implicit_tls_(peer.implicit_tls),
      asks_certificate_(asks_certificate(*settings_, peer)),
      tls_wanted_(peer.implicit_tls) {
  ++shard_.counters.shard.sessions_in;
  ++shard_.counters.shard.sessions_in_open;
}

Inbound::~Inbound() {
  forget_message();
  if (waits_ == Waits::recipient) shard_.recipients.forget(channel_.id());
  if (waits_ == Waits::login) shard_.logins.forget(channel_.id());
  --shard_.counters.shard.sessions_in_open;
}

void Inbound::on_event(tcp::EventKind kind) {
  switch (kind) {
    case tcp::EventKind::readable:
    case tcp::EventKind::writable:
      run();
      break;
    case tcp::EventKind::peer_closed:
      peer_closed_ = true;
      run();
      break;
    case tcp::EventKind::reset:
    case tcp::EventKind::timed_out:
      lost(kind);
      break;
    default:
      break;
  }
}

void Inbound::lost(tcp::EventKind kind) {
  const bool mid_message = in_message_ || waits_ == Waits::stored;
  auto& counters = shard_.counters.shard;
  if (mid_message) {
    ++counters.reset_in_data;
  } else if (kind == tcp::EventKind::reset) {
    ++counters.reset_outside_data;
  }
}

void Inbound::run() {
  for (int i = 0; i < kStepsPerTurn; ++i) {
    if (!step()) return;
  }
  shard_.run_again(channel_.id());
}

// One step of the dialogue; false where something is missing.
bool Inbound::step() {
  if (!shard_.tcp.alive(channel_.id())) return false;
  if (left_) return drain();
  if (tls_wanted_ && !secure()) return false;
  if (channel_.handshaking()) return handshake();
  if (!channel_.failure().empty()) {
    channel_.abort(shard_.now.instant);
    shard_.retire(channel_.id());
    return false;
  }
  if (!flush()) return false;
  if (leaving_) {
    leave();
    return false;
  }
  if (waits_ == Waits::room) {
    const auto rest = std::move(unstored_);
    unstored_.clear();
    waits_ = Waits::nothing;
    keep(rest);
    if (waits_ == Waits::nothing && ending_) store_message();
    return waits_ == Waits::nothing;
  }
  if (waits_ != Waits::nothing) return false;

  const Bytes input = channel_.input(shard_.now.instant);
  Bytes rest = input;
  const auto next = server_.feed(rest, shard_.now);
  const std::size_t taken = input.size() - rest.size();
  const bool go_on = act(next);
  if (shard_.tcp.alive(channel_.id())) channel_.consumed(taken, shard_.now.instant);
  if (next.kind == smtp::StepKind::need_input && (peer_closed_ || channel_.ended()) &&
      !channel_.has_unread()) {
    if (in_message_) ++shard_.counters.shard.closed_in_data;
    leave();
    return false;
  }
  return go_on || (next.kind == smtp::StepKind::need_input && taken > 0);
}

bool Inbound::act(const smtp::Step& step) {
  switch (step.kind) {
    case smtp::StepKind::need_input:
      // Replies that the last line caused still have to leave.
      return !server_.replies().empty();
    case smtp::StepKind::start_tls:
      tls_wanted_ = true;
      return true;
    case smtp::StepKind::check_login:
      check_login();
      return waits_ == Waits::nothing;
    case smtp::StepKind::check_recipient:
      check_recipient();
      return waits_ == Waits::nothing;
    case smtp::StepKind::begin_message:
      begin_message();
      return true;
    case smtp::StepKind::body:
      return take(step.body);
    case smtp::StepKind::end_message:
      finish_message();
      return waits_ == Waits::nothing;
    case smtp::StepKind::abandon_message:
      forget_message();
      return true;
    case smtp::StepKind::close:
      leaving_ = true;
      return true;
  }
  return false;
}

// Sends what the server has to say; false where it did not fit yet.
bool Inbound::flush() {
  for (;;) {
    const Bytes replies = server_.replies();
    if (replies.empty()) {
      blocked_since_ = kNever;
      return true;
    }
    const std::size_t sent = channel_.write(replies, shard_.now.instant);
    server_.replies_sent(sent);
    if (sent == 0) {
      if (blocked_since_ == kNever) blocked_since_ = shard_.now.instant;
      return false;
    }
  }
}

// RFC 3207 §4: 220 goes out in clear before the handshake. RFC 8314 §3.3: on port 465 nothing does.
bool Inbound::secure() {
  if (!implicit_tls_ && !flush()) return false;
  tls_wanted_ = false;
  auto session = shard_.tls->accept(asks_certificate_);
  if (!session) {
    ++shard_.counters.shard.tls_memory_refused;
    channel_.abort(shard_.now.instant);
    shard_.retire(channel_.id());
    return false;
  }
  channel_.start_tls(std::move(session));
  return true;
}

bool Inbound::handshake() {
  switch (channel_.handshake(shard_.now.instant)) {
    case tls::Status::ok:
      secured();
      return true;
    case tls::Status::again:
      // One public-key operation a turn: others first.
      shard_.run_again(channel_.id());
      return false;
    case tls::Status::want_input:
      if (peer_closed_) leave();
      return false;
    case tls::Status::want_room:
      return false;
    case tls::Status::closed:
    case tls::Status::failed:
      ++shard_.counters.shard.handshakes_failed_in;
      leave();
      return false;
  }
  return false;
}

// The handshake is complete: the certificate, if one was sent, is proven to be the client's own.
void Inbound::secured() {
  const auto facts = channel_.tls_facts();
  const auto standing = asks_certificate_
                            ? standing_of(channel_.client_certificate(), settings_->submission)
                            : Standing{};
  if (standing.counter != nullptr) ++(shard_.counters.shard.*standing.counter);
  server_.tls_established({.version = facts.version,
                           .cipher = facts.cipher,
                           .server_name = facts.server_name,
                           .user = standing.user,
                           .certificate_trouble = standing.trouble});
}

Instant Inbound::deadline() const {
  const auto blocked = blocked_since_ == kNever ? kNever : blocked_since_ + settings_->stalled_writer;
  // The disk or the signer is slow, not the peer.
  if (waits_ == Waits::stored || waits_ == Waits::room || waits_ == Waits::signature) return blocked;
  return std::min(server_.deadline(), blocked);
}

void Inbound::on_deadline() {
  if (blocked_since_ != kNever) {
    // It does not read, or does not finish closing: there is no one to say goodbye to.
    ++shard_.counters.shard.never_reads;
    channel_.abort(shard_.now.instant);
    shard_.retire(channel_.id());
    return;
  }
  ++shard_.counters.shard.idle_timeouts;
  if (channel_.handshaking()) {
    channel_.abort(shard_.now.instant);
    shard_.retire(channel_.id());
    return;
  }
  server_.time_out();
  shard_.run_again(channel_.id());
}

void Inbound::shut_down() {
  if (in_message_ || waits_ == Waits::stored || leaving_ || left_) return;
  server_.shut_down();
  shard_.run_again(channel_.id());
}

// Our side is done: close_notify, FIN; the session stays until the connection is over.
void Inbound::leave() {
  if (left_) return;
  left_ = true;
  forget_message();
  blocked_since_ = shard_.now.instant;
  channel_.close(shard_.now.instant);
}

// After our FIN nothing the peer says matters; it is read so that its FIN can come through.
bool Inbound::drain() {
  const Bytes input = shard_.tcp.readable(channel_.id());
  shard_.tcp.consume(channel_.id(), input.size(), shard_.now.instant);
  return !input.empty();
}

}  // namespace postern::shard
