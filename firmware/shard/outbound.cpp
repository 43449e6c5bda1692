// The life of an outbound session: what happens to its connection, its deadlines, its end.
#include "firmware/shard/outbound.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/state.hpp"

namespace postern::shard {

Outbound::Outbound(Shard::State& shard, tcp::ConnectionId id, std::shared_ptr<const Target> target,
                   Carrier& carrier)
    : shard_(shard),
      target_(std::move(target)),
      carrier_(carrier),
      channel_(shard.tcp, id, shard.scratch),
      client_(target_->client, shard.counters.smtp, shard.now),
      local_(shard.tcp.flow(id).local.address),
      opened_(shard.now.instant) {
  ++shard_.counters.shard.sessions_out;
  ++shard_.counters.shard.sessions_out_open;
}

Outbound::~Outbound() {
  if (job_ == Job::message) shard_.unwatch(part_.owed().id, channel_.id());
  carrier_.gone(*this);
  --shard_.counters.shard.sessions_out_open;
}

bool Outbound::used_up() const {
  return messages_ >= target_->messages_per_connection || client_.exhausted() ||
         shard_.now.instant >= opened_ + target_->oldest;
}

void Outbound::on_event(tcp::EventKind kind) {
  switch (kind) {
    case tcp::EventKind::connected:
      connected_ = true;
      run();
      break;
    case tcp::EventKind::reset:
      connected_ ? fail(Stage::message, " reset the connection")
                 : fail(Stage::connect, " refused the connection", "4.4.1");
      break;
    case tcp::EventKind::timed_out:
      fail(connected_ ? Stage::message : Stage::connect, " did not answer in time", "4.4.1");
      break;
    case tcp::EventKind::closed:
      fail(Stage::message, " closed the connection");
      break;
    case tcp::EventKind::peer_closed:
      peer_closed_ = true;
      run();
      break;
    default:
      run();
      break;
  }
}

Instant Outbound::deadline() const {
  if (!connected_) return opened_ + target_->connect_timeout;
  const auto first = blocked_since_ == kNever ? kNever : blocked_since_ + target_->stalled_writer;
  if (job_ == Job::none && ready_ && idle_since_ != kNever)
    return std::min(first, idle_since_ + target_->idle);
  return std::min(first, client_.deadline());
}

void Outbound::on_deadline() {
  if (!connected_) return fail(Stage::connect, " did not answer in time", "4.4.1");
  if (left_ || blocked_since_ != kNever) {
    channel_.abort(shard_.now.instant);
    return fail(Stage::message, " does not read");
  }
  if (job_ == Job::none && ready_) {
    client_.quit(shard_.now);
    idle_since_ = kNever;
  } else if (channel_.handshaking()) {
    return fail(Stage::tls, " did not answer in time");
  } else {
    client_.time_out();
  }
  shard_.run_again(channel_.id());
}

void Outbound::shut_down() {
  if (job_ == Job::none && ready_ && !left_) {
    client_.quit(shard_.now);
    idle_since_ = kNever;
    shard_.run_again(channel_.id());
  }
}

void Outbound::fail(Stage stage, std::string_view why, std::string_view status) {
  // What broke before the session was ready is about the greeting at least.
  if (stage == Stage::message && !ready_) stage = Stage::hello;
  const bool words_only = why.starts_with(' ');
  fail({stage, {451, std::string(status), (words_only ? target_->who : std::string()) + std::string(why)}});
}

// The connection is of no more use. What was under way is reported exactly once. A connection that served
// before and broke under the next message was most likely closed by the server as idle: that message goes
// again at once.
void Outbound::fail(const Trouble& trouble) {
  if (over_) return;
  over_ = true;
  const auto job = std::exchange(job_, Job::none);
  const bool stale = job == Job::message && messages_ > 1 && !part_.stale && trouble.result.code != 421;
  if (!left_ && !stale && (!ready_ || job != Job::none)) carrier_.failed(*this, trouble);
  if (job == Job::message) {
    client_.connection_lost(trouble.result.text);
    shard_.unwatch(part_.owed().id, channel_.id());
    carrier_.broke(*this, std::move(part_), trouble, stale);
  } else if (job == Job::probe) {
    carrier_.not_probed(probed_, trouble.result.text);
  }
  drop();
}

void Outbound::drop() {
  over_ = true;
  if (shard_.tcp.alive(channel_.id())) channel_.abort(shard_.now.instant);
  shard_.retire(channel_.id());
}

void Outbound::leave() {
  if (left_) return;
  left_ = true;
  ready_ = false;
  blocked_since_ = shard_.now.instant;
  channel_.close(shard_.now.instant);
}

}  // namespace postern::shard
