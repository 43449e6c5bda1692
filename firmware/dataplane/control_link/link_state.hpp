// The inside of a ControlLink, for its two files: the line itself, and what is made of each message.
#pragma once

#include <sys/epoll.h>

#include <ctime>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "firmware/dataplane/control_link/control_link.hpp"
#include "firmware/ipc/publish.hpp"
#include "platform/log/log.hpp"
#include "platform/process/seqpacket.hpp"

namespace postern::dataplane {

using process::Descriptor;
using process::Packet;

inline std::uint64_t clock_ns(clockid_t which) {
  timespec now{};
  ::clock_gettime(which, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

struct ControlLink::State {
  ControlLinkOptions options;
  Descriptor listener;
  Descriptor socket;
  Descriptor waiter;  // epoll over both
  process::SharedMemory page_memory;
  process::SharedMemory ring_memory;
  std::unique_ptr<ipc::CounterPage> page;
  std::vector<std::atomic<std::uint64_t>> running;  // generation by shard
  std::atomic<std::uint64_t> lost{0};

  ipc::Phase phase = ipc::Phase::waiting;
  std::uint64_t started_wall_ns = clock_ns(CLOCK_REALTIME);
  std::uint64_t taken = 0;  // generation
  ipc::Digest digest{};
  ipc::Tickets tickets;
  std::uint64_t tickets_wall_ns = 0;
  std::optional<Generation> pending;  // arrived, not handed on yet
  std::shared_ptr<PolicyMemory> pending_memory;
  ipc::Report reported;
  std::uint64_t reported_ns = 0;

  bool watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    return ::epoll_ctl(waiter.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  }

  bool send(const std::vector<std::uint8_t>& message, std::span<const int> descriptors = {}) {
    return socket && process::send_packet(socket, message, descriptors);
  }

  void drop(std::string_view why) {
    if (!socket) return;
    socket.reset();
    log::writef(log::Level::notice, "control", "postern-control is away (%.*s); mail goes on",
                static_cast<int>(why.size()), why.data());
  }

  void accept();
  void say_hello();
  void report(bool anyway);
  void receive(const ControlLinkEvents& events);
  void take(const ipc::MessageView& message, Packet& packet, const ControlLinkEvents& events);
  void take_publish(Bytes body, Packet& packet);
  void take_tickets(Bytes body, const ControlLinkEvents& events);
  void take_policy_memory(Bytes body, Packet& packet);
  void take_inject(Bytes body, Packet& packet, const ControlLinkEvents& events);
  void take_queue_ask(Bytes body, const ControlLinkEvents& events);
};

}  // namespace postern::dataplane
