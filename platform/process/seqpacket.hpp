// Unix sockets that keep message boundaries (SOCK_SEQPACKET) and carry descriptors (SCM_RIGHTS).
//
// All sockets are non-blocking and close-on-exec. A message arrives whole or not at all: one that was cut, or
// came with more descriptors than asked for, is a fault, never half a message.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::process {

inline constexpr std::size_t kMostDescriptors = 3;

struct Packet {
  std::size_t size = 0;
  std::array<Descriptor, kMostDescriptors> descriptors;
};

struct PeerFacts {
  pid_t pid = 0;
  uid_t uid = 0;
};

enum class ReceiveStatus : std::uint8_t { packet, nothing, closed, malformed };

// Listens on `path`, readable for its owner only. A dead socket file there is replaced; a living one is a
// fault.
Result<Descriptor, Fault> listen_seqpacket(const std::string& path);
// Empty where nobody is waiting.
Descriptor accept_seqpacket(const Descriptor& listener);
// Listens on `path` for one peer, ours or root's, and takes the path away again. Faults: nobody came in time,
// or a stranger did.
Result<Descriptor, Fault> accept_owner(const std::string& path, int milliseconds);
Result<Descriptor, Fault> connect_seqpacket(const std::string& path);

// False where the peer's queue is full or it is gone; nothing was sent then.
bool send_packet(const Descriptor& socket, Bytes message, std::span<const int> descriptors = {});
ReceiveStatus receive_packet(const Descriptor& socket, MutableBytes into, Packet& packet);
PeerFacts peer_facts(const Descriptor& socket);

// Waits until `fd` can be read; false on time-out.
bool wait_readable(int fd, int milliseconds);

}  // namespace postern::process
