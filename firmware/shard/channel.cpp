#include "firmware/shard/channel.hpp"

#include <utility>

namespace postern::shard {

Channel::Channel(tcp::Engine& tcp, tcp::ConnectionId id, MutableBytes scratch)
    : tcp_(tcp), id_(id), scratch_(scratch) {}

void Channel::start_tls(std::unique_ptr<tls::Session> session) {
  session_ = std::move(session);
  phase_ = Phase::handshaking;
}

std::size_t Channel::take(Bytes ciphertext) {
  return tcp_.write(id_, ciphertext, now_);
}

void Channel::broke(std::string_view why) {
  failure_ = why.empty() ? std::string_view("TLS failed") : why;
  phase_ = Phase::broken;
}

tls::Status Channel::handshake(Instant now) {
  now_ = now;
  const Bytes arrived = tcp_.readable(id_);
  Bytes rest = arrived;
  const auto status = session_->handshake(rest, *this);
  tcp_.consume(id_, arrived.size() - rest.size(), now);
  if (status == tls::Status::ok) phase_ = Phase::secured;
  if (status == tls::Status::failed || status == tls::Status::closed) broke(session_->facts().failure);
  // A hole-free queue may hold its bytes in several pieces: there may be more than this one.
  if (status == tls::Status::want_input && !tcp_.readable(id_).empty()) return tls::Status::again;
  return status;
}

tls::SessionFacts Channel::tls_facts() const {
  return session_ ? session_->facts() : tls::SessionFacts{};
}

Bytes Channel::input(Instant now) {
  if (phase_ == Phase::clear) return tcp_.readable(id_);
  if (phase_ != Phase::secured) return {};
  if (held_from_ < held_.size()) return Bytes(held_).subspan(held_from_);
  return decrypt(now);
}

Bytes Channel::decrypt(Instant now) {
  now_ = now;
  // Bounded: a piece of ciphertext is consumed in every turn, and the window bounds the pieces.
  for (;;) {
    const Bytes arrived = tcp_.readable(id_);
    Bytes rest = arrived;
    std::size_t got = 0;
    const auto status = session_->read(rest, *this, scratch_, got);
    tcp_.consume(id_, arrived.size() - rest.size(), now);
    if (got > 0) {
      offered_ = got;
      return scratch_.first(got);
    }
    if (status == tls::Status::closed) ended_ = true;
    if (status == tls::Status::failed) broke(session_->facts().failure);
    const bool progress = rest.size() < arrived.size();
    if (status == tls::Status::want_room || status == tls::Status::closed || status == tls::Status::failed)
      return {};
    if (!progress) return {};
  }
}

void Channel::consumed(std::size_t count, Instant now) {
  if (phase_ == Phase::clear) {
    tcp_.consume(id_, count, now);
    return;
  }
  if (held_from_ < held_.size()) {
    held_from_ += count;
    if (held_from_ == held_.size()) {
      held_ = {};
      held_from_ = 0;
    }
    return;
  }
  if (count < offered_) held_.assign(scratch_.begin() + count, scratch_.begin() + offered_);
  offered_ = 0;
}

bool Channel::has_unread() const {
  return held_from_ < held_.size() || !tcp_.readable(id_).empty() || (session_ && session_->has_pending());
}

std::size_t Channel::write(Bytes plain, Instant now) {
  now_ = now;
  if (phase_ == Phase::clear) return tcp_.write(id_, plain, now);
  if (phase_ != Phase::secured) return 0;
  std::size_t taken = 0;
  Bytes nothing;
  if (session_->write(nothing, *this, plain, taken) == tls::Status::failed) broke(session_->facts().failure);
  return taken;
}

void Channel::close(Instant now) {
  now_ = now;
  if (phase_ == Phase::secured) session_->close(*this);
  tcp_.close(id_, now);
}

void Channel::abort(Instant now) {
  tcp_.abort(id_, now);
}

}  // namespace postern::shard
