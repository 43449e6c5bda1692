// Puts fragmented datagrams together: few at a time, small ones, and only honest ones.
//
// A datagram whose fragments overlap is dropped whole (RFC 5722 §4, RFC 8200 §4.5; for IPv4 the same), except
// that a fragment that is there already byte for byte is ignored. All memory is taken at construction; no
// network of peers holds more than a share of it.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/net/counters.hpp"
#include "firmware/net/settings.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"

namespace postern::net {

struct Fragment {
  wire::IpAddress source;
  wire::IpAddress destination;
  std::uint32_t identification = 0;
  std::uint8_t protocol = 0;  // what the datagram holds: its transport, or IPv6's next header
  PortIndex port = 0;
  std::uint32_t offset = 0;  // in bytes
  bool more = false;
  Bytes payload;
  // Of the first fragment, for an error about the datagram if the rest never comes; empty where there is to
  // be none.
  Bytes header;
  wire::MacAddress from;
};

class Reassembly {
 public:
  Reassembly(const Settings& settings, Counters& counters);

  // The whole payload once the last missing fragment is there, else nothing. What it gives is valid until the
  // next call.
  Bytes accept(const Fragment& fragment, Instant now);

  // A datagram whose time ran out after its first fragment had come.
  struct Expired {
    PortIndex port;
    std::uint8_t protocol;
    wire::MacAddress from;
    wire::IpAddress source;
    wire::IpAddress destination;
    Bytes header;
    Bytes payload;
  };
  // Calls `gave_up` for each such datagram.
  template <typename GaveUp>
  void advance(Instant now, GaveUp&& gave_up) {
    if (now < next_deadline_) return;
    next_deadline_ = kNever;
    for (auto& slot : slots_) {
      if (slot.used && expire(slot, now) && slot.first_size > 0) {
        gave_up(Expired{slot.port,
                        slot.protocol,
                        slot.from,
                        slot.source,
                        slot.destination,
                        {slot.header, slot.header_size},
                        {slot.bytes, slot.first_size}});
      }
    }
  }
  Instant next_deadline() const { return next_deadline_; }

 private:
  static constexpr std::size_t kMostHeader = 64;

  struct Slot {
    bool used = false;
    bool poisoned = false;  // an overlap was seen: the rest of the datagram is swallowed
    wire::IpAddress source;
    wire::IpAddress destination;
    std::uint32_t identification = 0;
    std::uint8_t protocol = 0;
    PortIndex port = 0;
    std::uint32_t total = 0;     // 0 until the last fragment came
    std::uint32_t received = 0;  // bytes
    std::uint32_t reach = 0;     // end of the furthest fragment
    Instant deadline{};
    std::uint8_t* bytes = nullptr;
    std::uint64_t* blocks = nullptr;  // one bit per eight bytes that are there
    wire::MacAddress from{};
    std::uint8_t header_size = 0;
    std::uint16_t first_size = 0;  // of the first fragment's payload, where it may be quoted
    std::uint8_t header[kMostHeader] = {};
  };

  bool is_acceptable(const Fragment& fragment);
  Slot* slot_for(const Fragment& fragment, Instant now);
  Slot* free_slot(const Fragment& fragment);
  bool place(Slot& slot, const Fragment& fragment);
  void poison(Slot& slot);
  void keep_header(Slot& slot, const Fragment& fragment);
  bool expire(Slot& slot, Instant now);

  Counters& counters_;
  std::size_t slot_bytes_;
  std::vector<std::uint8_t> memory_;
  std::vector<std::uint64_t> block_memory_;
  std::vector<Slot> slots_;
  Instant next_deadline_ = kNever;
};

}  // namespace postern::net
