// What an outbound session does next: reads, sends, starts TLS, and insists.
#include <utility>

#include "firmware/shard/outbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

constexpr int kStepsPerTurn = 64;

}  // namespace

void Outbound::run() {
  for (int i = 0; i < kStepsPerTurn; ++i) {
    if (!step()) return;
  }
  shard_.run_again(channel_.id());
}

bool Outbound::step() {
  if (!connected_ || over_ || !shard_.tcp.alive(channel_.id())) return false;
  if (left_) {
    const Bytes rest = shard_.tcp.readable(channel_.id());
    shard_.tcp.consume(channel_.id(), rest.size(), shard_.now.instant);
    return !rest.empty();
  }
  if (channel_.handshaking()) return handshake();
  if (!channel_.failure().empty()) {
    fail(ready_ ? Stage::message : Stage::tls, channel_.failure(), "4.7.5");
    return false;
  }
  if (!flush()) return false;
  return begin_job() || read_reply();
}

bool Outbound::read_reply() {
  const Bytes input = channel_.input(shard_.now.instant);
  Bytes rest = input;
  const auto next = client_.feed(rest, shard_.now);
  const std::size_t taken = input.size() - rest.size();
  channel_.consumed(taken, shard_.now.instant);
  const bool go_on = act(next);
  return go_on || (!left_ && !over_ && taken > 0);
}

bool Outbound::act(smtp::ClientStepKind step) {
  switch (step) {
    case smtp::ClientStepKind::need_input:
      if (!client_.output().empty()) return true;
      // In TLS 1.3 a server's refusal comes as an alert after our side of the handshake is through.
      if (!channel_.failure().empty()) {
        fail(ready_ ? Stage::message : Stage::tls, channel_.failure(), "4.7.5");
        return false;
      }
      if ((peer_closed_ || channel_.ended()) && !channel_.has_unread())
        fail(ready_ ? Stage::message : Stage::hello, " closed the connection");
      return false;
    case smtp::ClientStepKind::start_tls:
      return start_tls();
    case smtp::ClientStepKind::ready:
      return become_ready();
    case smtp::ClientStepKind::need_body:
      return feed_body();
    case smtp::ClientStepKind::message_done:
      finish_job();
      return true;
    case smtp::ClientStepKind::close:
      return session_closed();
  }
  return false;
}

// RFC 8689 §4.2.1: what the message insists on is looked at before MAIL.
bool Outbound::become_ready() {
  if (!ready_) {
    // Nothing is sent over a connection that is not what was insisted on, whatever led here.
    const bool proven = channel_.secured() && (!target_->proven || channel_.tls_facts().authenticated);
    if (target_->tls == Target::Tls::required && !proven) {
      fail(Stage::tls, " was not proven", "4.7.5");
      return false;
    }
    if (target_->extension && !client_.offers_requiretls()) {
      fail({Stage::extension, {550, "5.7.30", target_->who + " does not offer REQUIRETLS"}});
      return false;
    }
    ready_ = true;
    carrier_.works(*this);
  }
  if (job_ == Job::none && !used_up()) carrier_.free(*this);
  if (job_ == Job::none && idle_since_ == kNever) idle_since_ = shard_.now.instant;
  if (job_ == Job::none && used_up()) {
    client_.quit(shard_.now);
    return true;
  }
  return begin_job() || !client_.output().empty();
}

bool Outbound::session_closed() {
  if (job_ == Job::none && ready_) {
    leave();
    return false;
  }
  if (client_.failure().empty()) {
    fail(Stage::message, " ended the session");
    return false;
  }
  const bool no_tls = !ready_ && target_->tls == Target::Tls::required && !channel_.secured();
  const bool greeted = !client_.server_name().empty();
  fail({ready_ ? Stage::message : no_tls && greeted ? Stage::tls : Stage::hello, client_.failure_result()});
  return false;
}

bool Outbound::flush() {
  for (;;) {
    const Bytes output = client_.output();
    if (output.empty()) {
      blocked_since_ = kNever;
      return true;
    }
    const std::size_t sent = channel_.write(output, shard_.now.instant);
    client_.output_sent(sent);
    if (sent == 0) {
      if (blocked_since_ == kNever) blocked_since_ = shard_.now.instant;
      return false;
    }
  }
}

bool Outbound::start_tls() {
  auto session = shard_.tls->connect(target_->demand);
  if (!session) {
    ++shard_.counters.shard.tls_memory_refused;
    fail(Stage::local, "no memory for a TLS session", "4.3.2");
    return false;
  }
  channel_.start_tls(std::move(session));
  return true;
}

bool Outbound::handshake() {
  switch (channel_.handshake(shard_.now.instant)) {
    case tls::Status::ok:
      if (target_->proven && !channel_.tls_facts().authenticated) {
        ++shard_.counters.shard.handshakes_failed_out;
        fail(Stage::demand, " showed a certificate other than the one asked for", "4.7.5");
        return false;
      }
      client_.tls_established();
      return true;
    case tls::Status::again:
      shard_.run_again(channel_.id());
      return false;
    case tls::Status::want_input:
      if (peer_closed_) fail(Stage::tls, " closed the connection instead of speaking TLS", "4.7.5");
      return false;
    case tls::Status::want_room:
      return false;
    case tls::Status::closed:
    case tls::Status::failed:
      ++shard_.counters.shard.handshakes_failed_out;
      fail(channel_.tls_facts().dane.judgement > tls::Judgement::met ||
                   channel_.tls_facts().web_pki.judgement > tls::Judgement::met
               ? Stage::demand
               : Stage::tls,
           channel_.failure(), "4.7.5");
      return false;
  }
  return false;
}

}  // namespace postern::shard
