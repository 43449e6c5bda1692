// A DHCP client for the management port, without I/O: messages and the time in, messages and a lease out.
// RFC 2131 (the client's half), RFC 2132 (options).
//
// What always holds: an answer counts only with our own transaction and hardware address; a lease that ran out is
// no lease any more; what is asked again is asked with growing patience (RFC 2131 §4.1).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::init {

// Addresses as numbers, most significant byte first.
struct Lease {
  std::uint32_t own = 0;
  std::uint32_t mask = 0;
  std::uint32_t router = 0;  // 0: none
  std::uint32_t server = 0;
  std::chrono::seconds time{};
  bool operator==(const Lease&) const = default;
};

struct DhcpAnswer {
  std::uint8_t kind = 0;  // option 53: 2 offer, 5 acknowledged, 6 refused
  Lease lease;
};

using HardwareAddress = std::array<std::uint8_t, 6>;

// Nothing where it is no answer to this transaction and address, or an option leads out of it.
std::optional<DhcpAnswer> read_dhcp(Bytes message, std::uint32_t transaction, const HardwareAddress& own);

class Dhcp {
 public:
  using Clock = std::chrono::steady_clock;

  Dhcp(const HardwareAddress& own, std::uint32_t transaction) : own_(own), transaction_(transaction) {}

  // What has to be sent now, to everybody on the wire; nothing where it is not time yet.
  std::optional<std::vector<std::uint8_t>> turn(Clock::time_point now);
  void take(Bytes message, Clock::time_point now);
  const std::optional<Lease>& lease() const { return lease_; }

 private:
  enum class State : std::uint8_t { selecting, requesting, bound, renewing };
  std::vector<std::uint8_t> message(std::uint8_t kind) const;
  void enter(State state, Clock::time_point now);

  HardwareAddress own_;
  std::uint32_t transaction_;
  State state_ = State::selecting;
  std::optional<Lease> lease_, offer_;
  Clock::time_point due_{}, renew_{}, ends_{};
  std::chrono::seconds pause_{4};
  int tries_ = 0;
};

}  // namespace postern::init
