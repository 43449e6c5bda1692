// See smtp_dial.hpp.
#include "firmware/control/cli/check/smtp_dial.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/clock/clock.hpp"
#include "platform/process/descriptor.hpp"
#include "platform/rng/system_seed.hpp"

namespace postern::control::cli {

namespace {

constexpr std::size_t kArenaBytes = 16u << 20;
constexpr std::size_t kMostReply = 64 * 1024;
constexpr std::size_t kMostHandshake = 256 * 1024;

struct Reply {
  int code = 0;
  std::vector<std::string> lines;  // without the code
};

// The socket, and TLS over it once that is there.
class Line final : public tls::CipherSink {
 public:
  explicit Line(Duration patience) : patience_(patience) {}

  bool connect(const wire::Endpoint& to);
  bool say(const std::string& text);
  bool listen(Reply& reply);
  bool secure(std::unique_ptr<tls::Session> session);
  const tls::Session* session() const { return session_.get(); }
  const std::string& failure() const { return failure_; }
  std::size_t take(Bytes ciphertext) override {
    out_.insert(out_.end(), ciphertext.begin(), ciphertext.end());
    return ciphertext.size();
  }

 private:
  bool give_up(std::string why) {
    if (failure_.empty()) failure_ = std::move(why);
    return false;
  }
  bool wait(short events) const;
  bool flush();
  bool fill();
  bool next_line(std::string& line);
  bool more_text();

  Duration patience_;
  process::Descriptor socket_;
  std::unique_ptr<tls::Session> session_;
  std::vector<std::uint8_t> in_;   // from the socket, not used yet
  std::vector<std::uint8_t> out_;  // for the socket
  std::string text_;               // plain text, not used yet
  std::string failure_;
};

bool Line::wait(short events) const {
  pollfd waiting{socket_.get(), events, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience_).count();
  return ::poll(&waiting, 1, static_cast<int>(milliseconds)) == 1;
}

bool Line::connect(const wire::Endpoint& to) {
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (to.address.is_v4()) {
    auto* address = reinterpret_cast<sockaddr_in*>(&storage);
    *address = {.sin_family = AF_INET, .sin_port = htons(to.port)};
    std::memcpy(&address->sin_addr, to.address.v4_bytes(), 4);
    length = sizeof(sockaddr_in);
  } else {
    auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(to.port);
    std::memcpy(&address->sin6_addr, to.address.bytes.data(), 16);
    length = sizeof(sockaddr_in6);
  }
  socket_.reset(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return give_up("no socket: " + std::string(std::strerror(errno)));
  const int begun = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&storage), length);
  if (begun != 0 && errno != EINPROGRESS) return give_up(std::strerror(errno));
  if (!wait(POLLOUT)) return give_up("no connection in time");
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 || give_up(std::strerror(error));
}

bool Line::flush() {
  while (!out_.empty()) {
    if (!wait(POLLOUT)) return give_up("the server takes nothing");
    const auto sent = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent <= 0) return give_up("the connection broke");
    out_.erase(out_.begin(), out_.begin() + sent);
  }
  return true;
}

bool Line::fill() {
  if (!wait(POLLIN)) return give_up("no answer in time");
  std::array<std::uint8_t, 16384> part;
  const auto got = ::recv(socket_.get(), part.data(), part.size(), 0);
  if (got <= 0) return give_up("the server closed the connection");
  in_.insert(in_.end(), part.begin(), part.begin() + got);
  return true;
}

bool Line::say(const std::string& text) {
  if (!session_) {
    take(as_bytes(text));
    return flush();
  }
  auto rest = as_bytes(text);
  while (!rest.empty()) {
    Bytes input(in_);
    std::size_t taken = 0;
    const auto status = session_->write(input, *this, rest, taken);
    in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(input.size()));
    rest = rest.subspan(taken);
    if (status == tls::Status::failed || status == tls::Status::closed) return give_up("TLS ended");
    if (!flush()) return false;
  }
  return true;
}

bool Line::more_text() {
  if (!session_) {
    if (!fill()) return false;
    text_.append(in_.begin(), in_.end());
    in_.clear();
    return true;
  }
  std::array<std::uint8_t, 4096> plain;
  for (;;) {
    Bytes input(in_);
    std::size_t got = 0;
    const auto status = session_->read(input, *this, plain, got);
    in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(input.size()));
    text_.append(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(got));
    if (!flush()) return false;
    if (got > 0) return true;
    if (status == tls::Status::failed || status == tls::Status::closed) return give_up("TLS ended");
    if (status == tls::Status::want_input && !fill()) return false;
  }
}

bool Line::next_line(std::string& line) {
  for (;;) {
    if (const auto end = text_.find('\n'); end != std::string::npos) {
      line = text_.substr(0, end);
      if (line.ends_with('\r')) line.pop_back();
      text_.erase(0, end + 1);
      return true;
    }
    if (text_.size() > kMostReply) return give_up("the server's answer has no end");
    if (!more_text()) return false;
  }
}

bool Line::listen(Reply& reply) {
  reply = {};
  std::size_t size = 0;
  for (;;) {
    std::string line;
    if (!next_line(line)) return false;
    size += line.size();
    const bool digits = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3,
                                                        [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || size > kMostReply) return give_up("the server does not speak SMTP");
    reply.code = std::stoi(line.substr(0, 3));
    reply.lines.push_back(line.size() > 4 ? line.substr(4) : "");
    if (line.size() < 4 || line[3] != '-') return true;
  }
}

// The session is kept also where the handshake fails: it knows why.
bool Line::secure(std::unique_ptr<tls::Session> session) {
  // RFC 3207 §4.2: what came in the clear behind the answer is not used.
  if (!text_.empty()) return give_up("the server sent something in the clear behind its answer to STARTTLS");
  session_ = std::move(session);
  if (!session_) return give_up("no memory for TLS");
  for (std::size_t seen = 0;;) {
    Bytes input(in_);
    const auto status = session_->handshake(input, *this);
    in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(input.size()));
    if (!flush()) return false;
    if (status == tls::Status::ok) return true;
    if (status == tls::Status::failed || status == tls::Status::closed) {
      return give_up(std::string(session_->facts().failure));
    }
    if (status != tls::Status::want_input) continue;
    const auto before = in_.size();
    if (!fill()) return false;
    seen += in_.size() - before;
    if (seen > kMostHandshake) return give_up("the handshake has no end");
  }
}

bool offers(const Reply& reply, std::string_view extension) {
  return std::any_of(reply.lines.begin(), reply.lines.end(), [&](const std::string& line) {
    const auto word = line.substr(0, line.find(' '));
    return std::equal(word.begin(), word.end(), extension.begin(), extension.end(),
                      [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
  });
}

std::string own_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == 0) return "localhost";
  return name.data();
}

void note_tls(Dialled& dialled, const tls::Session* session) {
  if (session == nullptr) return;
  const auto facts = session->facts();
  dialled.version = facts.version;
  dialled.cipher = facts.cipher;
  dialled.dane = facts.dane;
  dialled.web_pki = facts.web_pki;
  dialled.chain = session->peer_chain();
}

bool refused(Dialled& dialled, const Reply& reply, std::string_view what) {
  if (reply.code / 100 == 2) return false;
  dialled.failure = std::string(what) + ": " + std::to_string(reply.code) + " " + reply.lines.front();
  return true;
}

}  // namespace

Dialler::~Dialler() = default;

Result<std::unique_ptr<Dialler>, Fault> Dialler::create(const std::string& authorities_pem) {
  const auto seed = rng::system_seed();
  if (!seed) return tl::unexpected(seed.error());
  std::unique_ptr<Dialler> made(new Dialler);
  tls::Settings settings;
  settings.arena_bytes = kArenaBytes;
  settings.trust_anchors_pem = authorities_pem;
  auto core = tls::Core::create(settings, {}, {}, *seed, made->counters_);
  if (!core) return tl::unexpected(core.error());
  made->core_ = std::move(*core);
  return made;
}

Dialled Dialler::dial(const wire::Endpoint& to, const tls::ServerDemand& demand, Duration patience) {
  core_->set_time(clock::kernel_wall());
  Dialled dialled;
  Line line(patience);
  Reply reply;
  const auto ended = [&]() -> Dialled& {
    if (dialled.failure.empty()) dialled.failure = line.failure();
    note_tls(dialled, line.session());
    return dialled;
  };
  if (!(dialled.connected = line.connect(to)) || !line.listen(reply)) return ended();
  dialled.greeting = reply.lines.front();
  if (refused(dialled, reply, "greeting")) return ended();
  const auto hello = "EHLO " + own_name() + "\r\n";
  if (!line.say(hello) || !line.listen(reply) || refused(dialled, reply, "EHLO")) return ended();
  dialled.offers_starttls = offers(reply, "STARTTLS");
  if (dialled.offers_starttls) {
    if (!line.say("STARTTLS\r\n") || !line.listen(reply) || refused(dialled, reply, "STARTTLS"))
      return ended();
    if (!(dialled.secured = line.secure(core_->connect(demand)))) return ended();
    if (!line.say(hello) || !line.listen(reply) || refused(dialled, reply, "EHLO")) return ended();
    dialled.offers_requiretls = offers(reply, "REQUIRETLS");
  }
  line.say("QUIT\r\n");
  return ended();
}

}  // namespace postern::control::cli
