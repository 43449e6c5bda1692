#include "firmware/init/door.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstring>

#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {
constexpr const char* kDoor = "/run/postern/control.sock";
constexpr std::size_t kLongestAnswer = 4 << 20;
}  // namespace

Result<std::string, Fault> ask(const std::string& question) {
  const process::Descriptor door(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{2, 0};
  ::setsockopt(door.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(door.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, kDoor, sizeof at.sun_path - 1);
  if (::connect(door.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    return fault(error_text("nobody at", kDoor));
  const auto line = question + "\n";
  if (::send(door.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return fault(error_text("cannot ask at", kDoor));
  std::string answer;
  char buffer[16384];
  // The answer is one document and the end of the stream.
  while (answer.size() < kLongestAnswer) {
    const auto got = ::recv(door.get(), buffer, sizeof buffer, 0);
    if (got < 0) return fault(error_text("no answer from", kDoor));
    if (got == 0) break;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer;
}

}  // namespace postern::init
