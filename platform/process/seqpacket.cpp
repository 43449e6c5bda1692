// Unix sockets that keep message boundaries: see the header.
#include "platform/process/seqpacket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace postern::process {

namespace {

Result<sockaddr_un, Fault> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fault("the socket path " + path + " is too long (at most 107 characters)");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Descriptor make_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

void take_descriptors(msghdr& header, Packet& packet, bool& too_many) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      Descriptor owned(fd);
      if (i < packet.descriptors.size()) {
        packet.descriptors[i] = std::move(owned);
      } else {
        too_many = true;
      }
    }
  }
}

}  // namespace

Result<Descriptor, Fault> listen_seqpacket(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  if (connect_seqpacket(path)) return fault("somebody else is already listening on " + path);
  ::unlink(path.c_str());
  Descriptor socket = make_socket();
  if (!socket) return fault(std::string("cannot make a socket: ") + std::strerror(errno));
  const mode_t before = ::umask(0177);
  const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  const int why = errno;
  ::umask(before);
  if (bound != 0) return fault("cannot listen on " + path + ": " + std::strerror(why));
  if (::listen(socket.get(), 4) != 0) return fault("cannot listen on " + path + ": " + std::strerror(errno));
  return socket;
}

Descriptor accept_seqpacket(const Descriptor& listener) {
  return Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

Result<Descriptor, Fault> accept_owner(const std::string& path, int milliseconds) {
  const auto listener = listen_seqpacket(path);
  if (!listener) return tl::unexpected(listener.error());
  if (!wait_readable(listener->get(), milliseconds)) return fault("nobody connects to " + path);
  auto peer = accept_seqpacket(*listener);
  if (!peer) return fault("nobody connects to " + path);
  const auto uid = peer_facts(peer).uid;
  if (uid != ::geteuid() && uid != 0) return fault("a stranger connected");
  ::unlink(path.c_str());
  return peer;
}

Result<Descriptor, Fault> connect_seqpacket(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  Descriptor socket = make_socket();
  if (!socket) return fault(std::string("cannot make a socket: ") + std::strerror(errno));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return fault("cannot connect to " + path + ": " + std::strerror(errno));
  }
  return socket;
}

bool send_packet(const Descriptor& socket, Bytes message, std::span<const int> descriptors) {
  iovec part{const_cast<std::uint8_t*>(message.data()), message.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int) * kMostDescriptors)> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptors.size() > kMostDescriptors) return false;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof(int) * descriptors.size());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket.get(), &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(message.size());
}

ReceiveStatus receive_packet(const Descriptor& socket, MutableBytes into, Packet& packet) {
  iovec part{into.data(), into.size()};
  // Room for more descriptors than are allowed, so that surplus ones are seen and closed.
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int) * 16)> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return errno == EAGAIN || errno == EWOULDBLOCK ? ReceiveStatus::nothing : ReceiveStatus::closed;
  }
  bool too_many = false;
  take_descriptors(header, packet, too_many);
  if (got == 0) return ReceiveStatus::closed;
  if (too_many || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return ReceiveStatus::malformed;
  packet.size = static_cast<std::size_t>(got);
  return ReceiveStatus::packet;
}

PeerFacts peer_facts(const Descriptor& socket) {
  ucred facts{};
  socklen_t size = sizeof facts;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &facts, &size) != 0) return {0, ~uid_t{0}};
  return {facts.pid, facts.uid};
}

bool wait_readable(int fd, int milliseconds) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) > 0;
}

}  // namespace postern::process
