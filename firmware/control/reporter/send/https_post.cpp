#include "firmware/control/reporter/send/https_post.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "firmware/mail/text.hpp"
#include "platform/clock/clock.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::reporter {
namespace {

Handed later(std::string note) {
  return {Handed::Kind::later, std::move(note)};
}

class Exchange final : private tls::CipherSink {
 public:
  Exchange(tls::Core& tls, const Rua& rua, std::string_view packed, const PostLimits& limits)
      : tls_(tls), rua_(rua), limits_(limits), until_(clock::kernel_instant() + limits.whole) {
    request_ = "POST " + rua.target + " HTTP/1.1\r\nHost: " + rua.host +
               (rua.port == 443 ? "" : ":" + std::to_string(rua.port)) +
               "\r\nUser-Agent: Postern\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Length: " +
               std::to_string(packed.size()) + "\r\nConnection: close\r\n\r\n" + std::string(packed);
  }

  Handed run(std::span<const wire::IpAddress> addresses) {
    std::string why = rua_.host + " has no address that may be asked";
    for (const auto& address : addresses) {
      if (connect(address, why)) return talk();
    }
    return later(why);
  }

 private:
  std::size_t take(Bytes ciphertext) override {
    out_.insert(out_.end(), ciphertext.begin(), ciphertext.end());
    return ciphertext.size();
  }

  bool wait(short what) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until_ - clock::kernel_instant()).count();
    pollfd one{socket_.get(), what, 0};
    return left > 0 && ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 10'000))) > 0;
  }

  bool connect(const wire::IpAddress& address, std::string& why) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(rua_.port);
    std::memcpy(&to.sin6_addr, address.bytes.data(), 16);
    sockaddr_in to4{};
    to4.sin_family = AF_INET;
    to4.sin_port = htons(rua_.port);
    std::memcpy(&to4.sin_addr, address.v4_bytes(), 4);
    const bool v4 = address.is_v4();
    socket_.reset(::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* where = v4 ? reinterpret_cast<const sockaddr*>(&to4) : reinterpret_cast<const sockaddr*>(&to);
    const int started = !socket_ ? -1 : ::connect(socket_.get(), where, v4 ? sizeof to4 : sizeof to);
    int error = started == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      error = ETIMEDOUT;
      socklen_t size = sizeof error;
      if (wait(POLLOUT)) ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error != 0) why = "cannot connect to " + address.text() + ": " + std::strerror(error);
    return error == 0;
  }

  bool flush() {
    while (!out_.empty()) {
      const auto sent = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        out_.erase(out_.begin(), out_.begin() + sent);
      } else if (errno != EINTR && (errno != EAGAIN || !wait(POLLOUT))) {
        return false;
      }
    }
    return true;
  }

  // False at the end of the stream, or of our patience.
  bool receive() {
    std::array<std::uint8_t, 16384> buffer;
    if (!wait(POLLIN)) return false;
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    received_ += static_cast<std::size_t>(got);
    in_.insert(in_.end(), buffer.begin(), buffer.begin() + got);
    return received_ <= limits_.most_received;
  }

  void consumed(Bytes rest) { in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(rest.size())); }

  Handed talk() {
    tls_.set_time(clock::kernel_wall());
    tls::ServerDemand demand;
    demand.server_name = rua_.host;
    session_ = tls_.connect(demand);
    if (!session_) return later("no memory for TLS");
    if (!shake_hands()) return later("no TLS with " + rua_.host + ": " + failure());
    if (!send_request()) return later("the connection to " + rua_.host + " broke");
    return read_answer();
  }

  std::string failure() const {
    const auto text = session_->facts().failure;
    return text.empty() ? "it does not answer in time" : std::string(text);
  }

  bool shake_hands() {
    while (true) {
      Bytes input = in_;
      const auto status = session_->handshake(input, *this);
      consumed(input);
      if (!flush()) return false;
      if (status == tls::Status::ok) return true;
      if (status == tls::Status::failed || status == tls::Status::closed) return false;
      if (status == tls::Status::want_input && !receive()) return false;
    }
  }

  bool send_request() {
    std::string_view rest = request_;
    while (!rest.empty()) {
      Bytes input = in_;
      std::size_t taken = 0;
      const auto status = session_->write(input, *this, as_bytes(rest), taken);
      consumed(input);
      rest.remove_prefix(taken);
      if (!flush() || status == tls::Status::failed || status == tls::Status::closed) return false;
      if (status == tls::Status::want_input && !receive()) return false;
    }
    return true;
  }

  Handed read_answer() {
    std::string head;
    std::array<std::uint8_t, 4096> plain;
    while (head.find('\n') == std::string::npos) {
      Bytes input = in_;
      std::size_t got = 0;
      const auto status = session_->read(input, *this, plain, got);
      consumed(input);
      head += as_text(Bytes(plain).first(got));
      if (got > 0 || status == tls::Status::again) continue;
      if (status == tls::Status::failed || status == tls::Status::closed) break;
      if (!flush() || !receive()) break;
    }
    session_->close(*this);
    flush();
    return judge_answer(head);
  }

  tls::Core& tls_;
  const Rua& rua_;
  PostLimits limits_;
  Instant until_;
  process::Descriptor socket_;
  std::unique_ptr<tls::Session> session_;
  std::string request_;
  std::vector<std::uint8_t> in_;
  std::vector<std::uint8_t> out_;
  std::size_t received_ = 0;
};

}  // namespace

Handed judge_answer(std::string_view head) {
  // RFC 9112 §4: "HTTP/1.1 204 No Content"
  const auto line = head.substr(0, head.find_first_of("\r\n"));
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ')
    return later("the server gives no answer that can be read");
  const auto code = line.substr(9, 3);
  const auto note = "the server says " + mail::printable_ascii(line.substr(9), 80);
  if (code[0] == '2') return {Handed::Kind::accepted, note};
  if (code[0] == '5' || code == "408" || code == "429") return later(note);
  return {Handed::Kind::refused, note};
}

Handed https_post(tls::Core& tls, const Rua& rua, std::span<const wire::IpAddress> addresses,
                  std::string_view packed, const PostLimits& limits) {
  return Exchange(tls, rua, packed, limits).run(addresses);
}

}  // namespace postern::reporter
