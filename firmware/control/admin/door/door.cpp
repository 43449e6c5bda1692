// Control's door, asked from here: see the header.
#include "firmware/control/admin/door/door.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/process/descriptor.hpp"

namespace postern::admin {

namespace {

// Making an RSA key takes its time; everything else answers at once.
constexpr timeval kPatience{60, 0};
constexpr std::size_t kMostAnswer = 64u << 20;

// Faults come as {"name", "text"}, or as whole sentences.
FieldFaults faults_of(const Json& answer) {
  FieldFaults faults;
  for (const auto& one : answer.value("faults", Json::array())) {
    if (one.is_string()) faults.push_back({"", one.get<std::string>()});
    if (one.is_object()) faults.push_back({one.value("name", ""), one.value("text", "")});
  }
  return faults;
}

bool verb_is_missing(const std::string& error) {
  return error.starts_with("unknown command");
}

}  // namespace

Json Door::ask(const Json& question) {
  const auto text = exchange(question.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (text.empty()) throw not_available("the control plane does not answer");
  auto answer = Json::parse(text, nullptr, false);
  if (!answer.is_object()) throw not_available("the control plane's answer cannot be read");
  const auto error = answer.find("error");
  if (error == answer.end()) return answer;
  const auto words = error->is_string() ? error->get<std::string>() : error->dump();
  if (verb_is_missing(words)) throw not_available("this box cannot do that yet");
  if (auto faults = faults_of(answer); !faults.empty())
    throw Problem(400, "faults", words, std::move(faults));
  throw Problem(409, "failed", words);
}

std::string ControlDoor::exchange(const std::string& question) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path_.data(), path_.size());
  const process::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  for (std::size_t sent = 0; sent < question.size();) {
    const auto n = ::send(socket.get(), question.data() + sent, question.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {};
    sent += static_cast<std::size_t>(n);
  }
  std::string answer;
  std::array<char, 65536> buffer;
  while (answer.size() < kMostAnswer) {
    const auto got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 ? answer : std::string();
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace postern::admin
