// One connection: see the header.
#include "firmware/control/admin/server/connection.hpp"

#include <boost/asio/write.hpp>

#include "firmware/control/admin/api/problem.hpp"

namespace postern::admin {

namespace asio = boost::asio;

namespace {

// Ciphertext that may wait for a slow peer; a stream that has so much is cut off.
constexpr std::size_t kMostWaiting = 512 * 1024;
constexpr std::size_t kMostStreamWaiting = 1024 * 1024;

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::unique_ptr<tls::Session> session,
                       std::string source, const Patience& patience, ConnectionOwner& owner)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      session_(std::move(session)),
      source_(std::move(source)),
      patience_(patience),
      owner_(owner) {}

Connection::~Connection() = default;

void Connection::start() {
  allow(patience_.handshake);
  read_more();
}

// The time until something has to have happened; a new allowance takes the place of the old one.
void Connection::allow(std::chrono::seconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    // A timer that was set anew meanwhile may still say that it ran out before.
    if (!error && self->timer_.expiry() <= std::chrono::steady_clock::now()) self->close();
  });
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  boost::system::error_code ignored;
  timer_.cancel(ignored);
  socket_.close(ignored);
  owner_.over(*this);
}

void Connection::read_more() {
  // While an answer is being made nothing is read: what a peer sends ahead waits in the kernel.
  if (reading_ || phase_ == Phase::closed || phase_ == Phase::working) return;
  if (phase_ == Phase::closing && !lingering_) return;
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t got) {
        self->reading_ = false;
        if (error) return self->close();
        self->on_read(got);
      });
}

void Connection::on_read(std::size_t got) {
  if (phase_ == Phase::closed) return;
  if (lingering_) return read_more();
  in_.insert(in_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(got));
  work();
}

std::size_t Connection::take(Bytes ciphertext) {
  if (waiting_.size() >= kMostWaiting) return 0;
  waiting_.insert(waiting_.end(), ciphertext.begin(), ciphertext.end());
  return ciphertext.size();
}

void Connection::work() {
  while (phase_ != Phase::closed && step()) continue;
  if (phase_ == Phase::closed) return;
  send_plain();
  flush();
  read_more();
}

bool Connection::step() {
  if (phase_ == Phase::handshake) return shake_hands();
  if (phase_ == Phase::reading || phase_ == Phase::streaming) return read_plain();
  return false;
}

bool Connection::shake_hands() {
  Bytes input = in_;
  const auto status = session_->handshake(input, *this);
  in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(input.size()));
  if (status == tls::Status::failed || status == tls::Status::closed) {
    phase_ = Phase::closing;
    return false;
  }
  if (status == tls::Status::ok) {
    phase_ = Phase::reading;
    allow(patience_.idle);
  }
  return status == tls::Status::ok || status == tls::Status::again;
}

bool Connection::read_plain() {
  std::array<std::uint8_t, 16384> plain;
  std::size_t got = 0;
  Bytes input = in_;
  const auto status = session_->read(input, *this, plain, got);
  in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(input.size()));
  if (status == tls::Status::failed || status == tls::Status::closed) {
    close();
    return false;
  }
  // Whoever listens to events has nothing more to say.
  if (phase_ == Phase::streaming) return got > 0 || status == tls::Status::again;
  using State = RequestReader::State;
  const auto state = got > 0 ? reader_.feed(as_text(Bytes(plain).first(got))) : reader_.state();
  if (reader_.begun() && !timing_request_) {
    timing_request_ = true;
    allow(patience_.request);
  }
  if (reader_.take_expectation()) plain_ += "HTTP/1.1 100 Continue\r\n\r\n";
  if (state == State::more) return got > 0 || status == tls::Status::again;
  if (state == State::malformed) refuse(400);
  if (state == State::too_large) refuse(413);
  if (state == State::unwanted) refuse(505);
  if (state != State::complete) return false;
  auto request = reader_.take();
  request.source = source_;
  head_only_ = request.method == "HEAD";
  close_after_ = !request.keep_alive;
  timing_request_ = false;
  phase_ = Phase::working;
  timer_.cancel();
  if (request.path.empty()) {
    refuse(400);
  } else if (!owner_.take(shared_from_this(), std::move(request))) {
    answer(response_of(Problem(503, "too_many", "this box has too much to do: try again", {}, 2)));
  }
  return false;
}

void Connection::refuse(int status) {
  close_after_ = true;
  phase_ = Phase::working;
  answer(response_of(Problem(status, "malformed",
                             status == 413   ? "the request is too large"
                             : status == 505 ? "HTTP/1.1 is spoken here"
                                             : "this is no request")));
}

void Connection::answer(Response response) {
  if (phase_ != Phase::working) return;
  plain_ += head_of(response, close_after_);
  const bool bodiless = head_only_ || response.status == 304 || response.status == 204;
  if (response.events && !head_only_) {
    only_ = response.only;
    alive_ = response.still_allowed;
    phase_ = Phase::streaming;
    allow(patience_.stalled);
    plain_ += ": welcome\n\n";
    owner_.streams(shared_from_this());
  } else {
    if (!bodiless) plain_ += response.content();
    phase_ = close_after_ || response.events ? Phase::closing : Phase::reading;
    allow(patience_.stalled);
  }
  work();
}

bool Connection::wants(const std::string& kind) const {
  const auto list = "," + only_ + ",";
  if (list.find(",-" + kind + ",") != std::string::npos) return false;
  return only_.empty() || list.find("," + kind + ",") != std::string::npos;
}

void Connection::tell(const std::string& kind, const std::string& text) {
  if (phase_ != Phase::streaming || (!kind.empty() && !wants(kind))) return;
  if (waiting_.size() + plain_.size() > kMostStreamWaiting) return close();
  plain_ += kind.empty() ? std::string(": still here\n\n") : "event: " + kind + "\ndata: " + text + "\n\n";
  send_plain();
  flush();
}

void Connection::send_plain() {
  std::size_t done = 0;
  while (done < plain_.size() && waiting_.size() < kMostWaiting) {
    std::size_t taken = 0;
    Bytes none;
    const auto rest = as_bytes(std::string_view(plain_).substr(done, 65536));
    const auto status = session_->write(none, *this, rest, taken);
    done += taken;
    if (status == tls::Status::failed || status == tls::Status::closed) return close();
    if (taken == 0 && status != tls::Status::again) break;
  }
  plain_.erase(0, done);
}

void Connection::flush() {
  if (writing_ || phase_ == Phase::closed) return;
  if (waiting_.empty()) {
    if (phase_ != Phase::closing || !plain_.empty()) return;
    if (!std::exchange(said_goodbye_, true)) session_->close(*this);
    if (waiting_.empty()) return linger();
  }
  out_.swap(waiting_);
  waiting_.clear();
  writing_ = true;
  socket_.async_write_some(asio::buffer(out_), [self = shared_from_this()](
                                                   const boost::system::error_code& error, std::size_t sent) {
    self->writing_ = false;
    if (error) return self->close();
    self->on_written(sent);
  });
}

// A peer that is still sending would lose our answer if we closed at once (RFC 9112 §9.6).
void Connection::linger() {
  if (std::exchange(lingering_, true)) return;
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  allow(std::chrono::seconds(2));
  read_more();
}

void Connection::on_written(std::size_t sent) {
  if (phase_ == Phase::closed) return;
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(sent));
  // What was not taken goes first next time.
  waiting_.insert(waiting_.begin(), out_.begin(), out_.end());
  out_.clear();
  const bool all = waiting_.empty() && plain_.empty();
  if (all && phase_ == Phase::closing && said_goodbye_) return linger();
  if (phase_ == Phase::reading && !timing_request_) allow(all ? patience_.idle : patience_.stalled);
  if (phase_ == Phase::streaming || phase_ == Phase::closing) allow(patience_.stalled);
  send_plain();
  flush();
}

}  // namespace postern::admin
