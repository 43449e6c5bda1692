// The door for the `postern` command: see the header.
#include "firmware/control/service/service.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace postern::control {

namespace {

constexpr std::size_t kMostClients = 32;
// An exported file or a long list of recipients comes in one question.
constexpr std::size_t kMostQuestion = 8u << 20;
constexpr Duration kPatience = std::chrono::seconds(5);
constexpr Duration kPatienceOfOurs = std::chrono::minutes(1);  // where the answer comes from another process

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

Peer peer_of(int socket) {
  ucred who{};
  socklen_t length = sizeof who;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0) return {};
  return {who.uid, who.gid};
}

}  // namespace

Result<Service, Fault> Service::create(const std::string& path, Answer answer) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fault("the socket path " + path + " is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  process::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(path.c_str());  // the lock says that no other control uses it
  const mode_t before = ::umask(0117);
  const bool bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::listen(socket.get(), 16) == 0;
  const int why = errno;
  ::umask(before);
  if (!bound) return fault("cannot listen on " + path + ": " + std::strerror(why));
  return Service(std::move(socket), std::move(answer));
}

void Service::turn(Instant now) {
  accept(now);
  clients_.remove_if([&](Client& client) {
    // Whoever waits for us is given time; then the answer has to be taken in time too.
    const bool before = client.answered;
    const bool over = now > client.until || !serve(client);
    if (!before && client.answered) client.until = now + kPatience;
    return over;
  });
}

void Service::accept(Instant now) {
  while (clients_.size() < kMostClients) {
    process::Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    const int fd = socket.get();
    clients_.push_back({std::move(socket), now + kPatience, peer_of(fd)});
    clients_.back().peer.client = ++last_client_;
  }
}

bool Service::read_question(Client& client) {
  std::array<char, 65536> buffer;
  while (client.question.empty() || client.question.back() != '\n') {
    const auto got = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) return would_block();
    if (got == 0 || client.question.size() > kMostQuestion) return false;
    client.question.append(buffer.data(), static_cast<std::size_t>(got));
  }
  client.asked = true;
  client.until += kPatienceOfOurs;
  return true;
}

bool Service::serve(Client& client) {
  if (!client.asked && !read_question(client)) return false;
  if (client.asked && !client.answered) make_answer(client);
  if (!client.answered) return true;
  while (client.sent < client.answer.size()) {
    const auto sent = ::send(client.socket.get(), client.answer.data() + client.sent,
                             client.answer.size() - client.sent, MSG_NOSIGNAL);
    if (sent < 0) return would_block();
    client.sent += static_cast<std::size_t>(sent);
  }
  return false;
}

void Service::make_answer(Client& client) const {
  const auto parsed = nlohmann::json::parse(client.question, nullptr, false);
  nlohmann::ordered_json answer;
  try {
    answer = answer_(parsed, client.peer);  // throws where the question has the wrong form
  } catch (const nlohmann::json::exception&) {
    answer = {{"error", "the question is malformed"}};
  }
  if (answer.is_null()) return;
  client.answer = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  client.answered = true;
}

std::vector<int> Service::descriptors() const {
  std::vector<int> all{listener_.get()};
  for (const auto& client : clients_) {
    if (!client.asked) all.push_back(client.socket.get());
  }
  return all;
}

}  // namespace postern::control
