// Our whole stack, an honest peer and an attacker on one wire in memory, with a clock that the test turns.
//
// `ours` serves; `honest` is a host of the same code on the same link and is our default gateway, so that
// answers to strangers leave too. The attacker puts frames on the honest side's port and sees what comes
// back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/nic/memory_port.hpp"
#include "drivers/nic/wrapped_port.hpp"
#include "firmware/wire/tcp.hpp"
#include "tools/tcp_host/client.hpp"
#include "tools/tcp_host/host.hpp"
#include "tools/tcp_host/services.hpp"

namespace postern::tcp_host::test {

using Octets = std::vector<std::uint8_t>;

inline constexpr std::uint16_t kEchoPort = 7;
inline constexpr std::uint16_t kDiscardPort = 9;
inline constexpr std::uint16_t kRrPort = 5000;
inline constexpr std::uint16_t kSourcePort = 5002;

// What our side last said to a stranger's port.
struct Heard {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t mss = 0;
  std::size_t segments = 0;
  std::size_t longest = 0;  // payload
};

class Observer final : public nic::WrappedPort {
 public:
  using WrappedPort::WrappedPort;
  std::unordered_map<std::uint64_t, Heard> heard;  // by stranger's address and port
  std::size_t frames = 0;
  bool remember = true;  // off where strangers are so many that remembering them is what costs
  static std::uint64_t key(const wire::IpAddress& address, std::uint16_t port) {
    return load_be64(address.bytes.data() + 8) * 31 + load_be64(address.bytes.data()) + port * 0x100000001b3u;
  }

 private:
  void see(const Frame& frame, Direction direction, Instant now) override;
};

struct World {
  explicit World(const std::function<void(net::Settings&, tcp::Settings&)>& change = nullptr);

  // `count` steps of 10 us each.
  void run(std::size_t count = 1);
  void run_for(Duration span) { run(static_cast<std::size_t>(span / kStep)); }
  // An honest connection does its errand, `between` being called before every step; true where it was done in
  // time.
  bool honest_errand(std::uint16_t port, const std::string& errand, Duration patience,
                     std::uint32_t connections = 1, const std::function<void()>& between = nullptr);
  // How long the last one took.
  Duration errand_took{};

  void inject(const Octets& frame);

  static constexpr Duration kStep = 10us;
  Instant now{1s};
  nic::MemoryWire wire;
  Observer observer;
  std::unique_ptr<Host> ours;
  std::unique_ptr<Host> honest;
  Services services;
  std::unique_ptr<Client> client;
};

wire::IpAddress ip(std::string_view text);
// The n-th address of a network of strangers: each in a /24 (or /56) of its own where `spread`.
wire::IpAddress stranger(std::uint32_t n, bool spread, bool v6 = false);

// A whole frame around a payload of IP.
Octets ip_frame(const wire::IpAddress& from, const wire::IpAddress& to, std::uint8_t protocol,
                const Octets& payload);
Octets tcp_frame(const wire::IpAddress& from, const wire::IpAddress& to, const wire::TcpHeader& header,
                 const wire::TcpOptions& options = {}, const Octets& payload = {});

// A stranger's connection, driven segment by segment.
struct Stranger {
  Stranger(World& world, const wire::IpAddress& address, std::uint16_t port, std::uint16_t service);

  // The handshake; false where it was not answered.
  bool open(const wire::TcpOptions& options = {.has_mss = true, .mss = 1460});
  void send(std::uint8_t flags, const Octets& payload = {}, std::int64_t shift = 0);
  const Heard& heard() const { return world.observer.heard[Observer::key(address, port)]; }

  World& world;
  wire::IpAddress address;
  wire::IpAddress ours;
  std::uint16_t port;
  std::uint16_t service;
  std::uint16_t window = 65535;
  std::uint32_t sequence = 1000;
  std::uint32_t acknowledgment = 0;
};

}  // namespace postern::tcp_host::test
