// Questions to postern-control: see the header.
#include "firmware/control/console/door_client.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace postern::control::console {

namespace {

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

void DoorClient::ask(std::uint64_t ticket, const Json& question, Instant now) {
  auto& exchange = exchanges_.emplace_back();
  exchange.ticket = ticket;
  exchange.until = now + kPatience;
  exchange.question = question.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    exchange.trouble = "the path " + path_ + " is too long";
    return;
  }
  std::memcpy(address.sun_path, path_.data(), path_.size());
  exchange.socket.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(exchange.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return;
  exchange.trouble = errno == EACCES ? "you may not talk to postern-control: try it as root"
                     : would_block() ? "postern-control is busy: try again"
                                     : "postern-control is not running";
}

void DoorClient::stop(std::uint64_t ticket) {
  exchanges_.remove_if([&](const auto& one) { return one.ticket == ticket; });
}

bool DoorClient::step(Exchange& exchange) {
  if (!exchange.trouble.empty()) return true;
  while (exchange.sent < exchange.question.size()) {
    const auto sent = ::send(exchange.socket.get(), exchange.question.data() + exchange.sent,
                             exchange.question.size() - exchange.sent, MSG_NOSIGNAL);
    if (sent < 0 && would_block()) return false;
    if (sent < 0) return exchange.trouble = "postern-control hung up", true;
    exchange.sent += static_cast<std::size_t>(sent);
  }
  std::array<char, 65536> buffer;
  while (true) {
    const auto got = ::recv(exchange.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && would_block()) return false;
    if (got < 0) return exchange.trouble = "postern-control hung up", true;
    if (got == 0) return true;
    exchange.answer.append(buffer.data(), static_cast<std::size_t>(got));
    if (exchange.answer.size() > kMostAnswer) return exchange.trouble = "the answer is too long", true;
  }
}

void DoorClient::turn(Instant now, const std::function<void(std::uint64_t, const Json&)>& answered) {
  std::list<Exchange> over;
  for (auto at = exchanges_.begin(); at != exchanges_.end();) {
    const auto next = std::next(at);
    if (now > at->until) at->trouble = "postern-control does not answer";
    if (step(*at)) over.splice(over.end(), exchanges_, at);
    at = next;
  }
  for (const auto& one : over) {
    auto json = one.trouble.empty() ? Json::parse(one.answer, nullptr, false) : Json{{"error", one.trouble}};
    if (!json.is_object()) json = {{"error", "postern-control gave an answer that cannot be read"}};
    answered(one.ticket, json);
  }
}

void DoorClient::watch(std::vector<pollfd>& descriptors) const {
  for (const auto& one : exchanges_) {
    if (one.trouble.empty()) descriptors.push_back({one.socket.get(), POLLIN, 0});
  }
}

}  // namespace postern::control::console
