// One GET over one connection: see the header.
#include "firmware/control/resolver/sts/https_exchange.hpp"

#include <event2/event.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace postern::resolver {

namespace {

// One address gets this long to answer the connection and shake hands while there is another one.
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr std::size_t kMostAddresses = 6;
// All bytes of one exchange: certificates, a head and 64 KiB.
constexpr std::size_t kMostReceived = 512 * 1024;

timeval timeval_of(Duration duration) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return {static_cast<time_t>(micros / 1'000'000), static_cast<suseconds_t>(micros % 1'000'000)};
}

std::string error_text(int error) {
  return std::strerror(error);
}

}  // namespace

HttpsExchange::HttpsExchange(HttpsClient& client, FetchRequest request, Fetcher::Done done)
    : client_(client), request_(std::move(request)), done_(std::move(done)) {
  if (request_.addresses.size() > kMostAddresses) request_.addresses.resize(kMostAddresses);
  // RFC 9110 §7.2; a fresh connection for each, so it is closed behind the answer.
  text_ = "GET " + request_.path + " HTTP/1.1\r\nHost: " + request_.host +
          "\r\nAccept: text/plain\r\nUser-Agent: Postern\r\nConnection: close\r\n\r\n";
}

HttpsExchange::~HttpsExchange() {
  if (event_ != nullptr) ::event_free(event_);
  if (deadline_ != nullptr) ::event_free(deadline_);
}

void HttpsExchange::start() {
  deadline_ = ::event_new(client_.base_, -1, 0, on_deadline, this);
  const auto whole = timeval_of(client_.options_.timeout);
  if (deadline_ == nullptr || ::event_add(deadline_, &whole) != 0) return fail("no memory");
  next_address("the policy host has no address");
}

void HttpsExchange::next_address(std::string why) {
  if (event_ != nullptr) ::event_free(std::exchange(event_, nullptr));
  session_.reset();
  socket_.reset();
  in_.clear();
  out_.clear();
  while (next_ < request_.addresses.size()) {
    if (connect_to(request_.addresses[next_++])) return;
    why = "cannot connect: " + error_text(errno);
  }
  fail(std::move(why));
}

bool HttpsExchange::connect_to(const wire::IpAddress& address) {
  phase_ = Phase::connecting;
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  socket_.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return false;
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (family == AF_INET) {
    auto* to = reinterpret_cast<sockaddr_in*>(&storage);
    to->sin_family = AF_INET;
    to->sin_port = htons(client_.options_.port);
    std::memcpy(&to->sin_addr, address.v4_bytes(), 4);
    size = sizeof *to;
  } else {
    auto* to = reinterpret_cast<sockaddr_in6*>(&storage);
    to->sin6_family = AF_INET6;
    to->sin6_port = htons(client_.options_.port);
    std::memcpy(&to->sin6_addr, address.bytes.data(), 16);
    size = sizeof *to;
  }
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 &&
      errno != EINPROGRESS)
    return false;
  watch();
  return true;
}

void HttpsExchange::watch() {
  if (event_ != nullptr) ::event_free(std::exchange(event_, nullptr));
  const bool sends = phase_ == Phase::connecting || !out_.empty();
  const auto what = static_cast<short>((sends ? EV_WRITE : 0) | (phase_ == Phase::connecting ? 0 : EV_READ));
  event_ = ::event_new(client_.base_, socket_.get(), what, on_event, this);
  const auto patience = timeval_of(kPatience);
  const bool early = phase_ == Phase::connecting || phase_ == Phase::handshake;
  const bool others = next_ < request_.addresses.size();
  if (event_ == nullptr || ::event_add(event_, early && others ? &patience : nullptr) != 0) fail("no memory");
}

void HttpsExchange::on_event(int, short what, void* mine) {
  static_cast<HttpsExchange*>(mine)->on_ready(what);
}

void HttpsExchange::on_deadline(int, short, void* mine) {
  static_cast<HttpsExchange*>(mine)->fail("the policy host does not answer in time");
}

void HttpsExchange::on_ready(short what) {
  if (phase_ == Phase::over) return;
  if ((what & EV_TIMEOUT) != 0) return next_address("the policy host does not answer in time");
  if (phase_ == Phase::connecting) return connected();
  if ((what & EV_READ) != 0 && !receive()) return;
  work();
}

void HttpsExchange::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return next_address("cannot connect: " + error_text(error));
  tls::ServerDemand demand;
  demand.kind = tls::ServerDemand::Kind::web_pki;
  demand.server_name = request_.host;
  session_ = client_.tls_->connect(demand);
  if (!session_) return fail("no memory for TLS");
  phase_ = Phase::handshake;
  work();
}

// False where nothing more can be done with this connection; that has been seen to.
bool HttpsExchange::receive() {
  std::array<std::uint8_t, 16384> buffer;
  const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) {
    peer_closed_ = true;
    return true;
  }
  received_ += static_cast<std::size_t>(got);
  if (received_ > kMostReceived) {
    fail("the policy host sends too much");
    return false;
  }
  in_.insert(in_.end(), buffer.begin(), buffer.begin() + got);
  return true;
}

std::size_t HttpsExchange::take(Bytes ciphertext) {
  out_.insert(out_.end(), ciphertext.begin(), ciphertext.end());
  return ciphertext.size();
}

void HttpsExchange::work() {
  while (phase_ != Phase::over && step()) continue;
  if (phase_ == Phase::over) return;
  if (!flush()) return next_address("the connection broke");
  if (peer_closed_) {
    if (phase_ == Phase::handshake) return next_address("the policy host ends the TLS handshake");
    return fail("the answer was cut off");
  }
  watch();
}

// One call into TLS; true where another one may do more.
bool HttpsExchange::step() {
  Bytes input = in_;
  const auto before = input.size();
  bool more = false;
  switch (phase_) {
    case Phase::handshake: {
      const auto status = session_->handshake(input, *this);
      if (status == tls::Status::ok) phase_ = Phase::request;
      if (status == tls::Status::failed || status == tls::Status::closed) judge_failure();
      more = status == tls::Status::ok || status == tls::Status::again;
      break;
    }
    case Phase::request: {
      std::size_t taken = 0;
      const auto status = session_->write(input, *this, as_bytes(text_), taken);
      text_.erase(0, taken);
      if (text_.empty()) phase_ = Phase::answer;
      if (status == tls::Status::failed || status == tls::Status::closed) fail("the connection broke");
      more = text_.empty();
      break;
    }
    case Phase::answer: {
      std::array<std::uint8_t, 16384> plain;
      std::size_t got = 0;
      const auto status = session_->read(input, *this, plain, got);
      response_.feed(Bytes(plain).first(got));
      if (status == tls::Status::closed) response_.end();
      if (status == tls::Status::failed) fail("the connection broke");
      more = status == tls::Status::again || got > 0;
      break;
    }
    case Phase::connecting:
    case Phase::over:
      break;
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(before - input.size()));
  if (phase_ == Phase::over) return false;
  if (response_.state() == HttpResponse::State::complete) finish({Fetched::Kind::ok, response_.body(), {}});
  if (response_.state() == HttpResponse::State::refused) fail(std::string(response_.why()));
  return more && phase_ != Phase::over;
}

// A certificate that does not hold is another thing to report than a handshake that failed.
void HttpsExchange::judge_failure() {
  const auto facts = session_->facts();
  using tls::Judgement;
  const auto judgement = facts.web_pki.judgement;
  const bool certificate = judgement != Judgement::not_judged && judgement != Judgement::met &&
                           judgement != Judgement::no_certificate;
  finish({certificate ? Fetched::Kind::certificate : Fetched::Kind::failed, {}, std::string(facts.failure)});
}

bool HttpsExchange::flush() {
  while (!out_.empty()) {
    const auto sent = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    out_.erase(out_.begin(), out_.begin() + sent);
  }
  return true;
}

void HttpsExchange::finish(Fetched result) {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  if (event_ != nullptr) ::event_del(event_);
  if (deadline_ != nullptr) ::event_del(deadline_);
  if (session_) {
    session_->close(*this);
    flush();
  }
  client_.over(this, std::move(result));
}

}  // namespace postern::resolver
