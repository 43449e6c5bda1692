// See openssl_peer.hpp.
#include "tests/firmware/tls/openssl_peer.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <thread>

#include "tests/firmware/tls/conversation.hpp"

namespace postern::tls::test {
namespace {

struct Descriptor {
  int fd;
  explicit Descriptor(int f) : fd(f) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

sockaddr_un address(const std::string& path) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
  return at;
}

bool readable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, 5000) == 1;
}

// Carries a socket's bytes to a session and back.
class Carrier {
 public:
  Carrier(int fd, Session& session) : fd_(fd), session_(session) {}

  // Reads from the socket until `step` is content or the peer is gone.
  template <typename Step>
  void until(Step step) {
    for (;;) {
      Bytes view(in_);
      const auto status = step(view);
      in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(view.size()));
      flush();
      if (status == Status::again || status == Status::want_room) continue;
      if (status != Status::want_input || !more()) return;
    }
  }
  void flush() {
    while (!out.bytes.empty()) {
      const auto n = ::send(fd_, out.bytes.data(), out.bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return out.bytes.clear();
      out.bytes.erase(out.bytes.begin(), out.bytes.begin() + n);
    }
  }
  bool more() {
    std::array<std::uint8_t, 20000> part;
    const auto n = readable(fd_) ? ::recv(fd_, part.data(), part.size(), 0) : 0;
    if (n <= 0) return false;
    in_.insert(in_.end(), part.begin(), part.begin() + n);
    return true;
  }
  Status handshake() {
    auto last = Status::want_input;
    until([&](Bytes& in) { return last = session_.handshake(in, out); });
    return last;
  }
  // One line, or what came before the end.
  std::string line() {
    std::string text;
    until([&](Bytes& in) {
      std::array<std::uint8_t, 4000> plain;
      std::size_t got = 0;
      const auto status = session_.read(in, out, plain, got);
      text.append(plain.begin(), plain.begin() + got);
      if (status == Status::ok && !text.ends_with('\n')) return Status::again;
      return status;
    });
    return text;
  }
  void say(const std::string& text) {
    auto rest = as_bytes(text);
    until([&](Bytes& in) {
      std::size_t taken = 0;
      const auto status = session_.write(in, out, rest, taken);
      rest = rest.subspan(taken);
      return status == Status::ok && !rest.empty() ? Status::again : status;
    });
  }
  Queue out;

 private:
  int fd_;
  Session& session_;
  std::vector<std::uint8_t> in_;
};

void note(Meeting& meeting, const Session& session) {
  const auto facts = session.facts();
  meeting.version = facts.version;
  meeting.cipher = facts.cipher;
  meeting.failure = facts.failure;
  meeting.resumed = facts.resumed;
  meeting.authenticated = facts.authenticated;
  meeting.client = session.client_certificate();
}

}  // namespace

Meeting meet_client(Core& core, const std::string& arguments, const std::string& line, bool as_command,
                    bool ask_certificate) {
  Meeting meeting;
  const auto path = authority().directory() + "/meet.sock";
  ::unlink(path.c_str());
  const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  const auto at = address(path);
  if (::bind(listener.fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(listener.fd, 1) != 0) {
    return meeting;
  }
  std::thread peer([&] {
    // Without -ign_eof s_client takes lines such as "R" for itself, and leaves when its input ends.
    const std::string input = "(echo '" + line + (as_command ? "'; sleep 1) |" : "') |");
    meeting.printed = output_of(input + " timeout 10 openssl s_client -unix " + path + " " +
                                (as_command ? "" : "-ign_eof ") + arguments + " 2>&1");
  });
  {
    const Descriptor connection(readable(listener.fd) ? ::accept(listener.fd, nullptr, nullptr) : -1);
    const auto session = core.accept(ask_certificate);
    Carrier carrier(connection.fd, *session);
    meeting.handshake = carrier.handshake();
    if (meeting.handshake == Status::ok) {
      meeting.received = carrier.line();
      carrier.say("answer: " + meeting.received);
      session->close(carrier.out);
      carrier.flush();
    }
    note(meeting, *session);
    ::shutdown(connection.fd, SHUT_WR);
    while (connection.fd >= 0 && carrier.more()) {
    }
  }
  peer.join();
  return meeting;
}

Meeting meet_server(Core& core, const ServerDemand& demand, const std::string& arguments,
                    const std::string& line) {
  Meeting meeting;
  const auto path = authority().directory() + "/meet.sock";
  ::unlink(path.c_str());
  std::thread peer([&] {
    // Where it lies, not by its whole path: s_server cannot print long ones.
    meeting.printed =
        output_of("cd " + authority().directory() +
                  " && timeout 10 openssl s_server -unix meet.sock -naccept 1 -rev " + arguments + " 2>&1");
  });
  const auto at = address(path);
  {
    const Descriptor connection(::socket(AF_UNIX, SOCK_STREAM, 0));
    int tries = 500;
    while (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 && --tries > 0)
      usleep(10000);
    const auto session = core.connect(demand);
    Carrier carrier(connection.fd, *session);
    meeting.handshake = carrier.handshake();
    if (meeting.handshake == Status::ok) {
      carrier.say(line + "\n");
      meeting.received = carrier.line();
      session->close(carrier.out);
      carrier.flush();
    }
    note(meeting, *session);
  }
  peer.join();
  return meeting;
}

}  // namespace postern::tls::test
