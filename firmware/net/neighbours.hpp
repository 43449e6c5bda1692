// The neighbour cache: who on our links has which MAC address, for ARP and ND alike.
//
// One state machine serves both, that of RFC 4861 §7.3.2. The table is full at `capacity` entries; then a
// neighbour that never proved to be there (asked for in vain so far, or known from its own question only)
// makes room, or one whose proof is long out of date: never one that is reachable, and never a configured
// gateway. So a flood of made-up neighbours only replaces made-up neighbours.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "firmware/net/counters.hpp"
#include "firmware/net/outbox.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/pool.hpp"
#include "platform/base/siphash.hpp"
#include "platform/base/time.hpp"

namespace postern::net {

struct Neighbour {
  enum class State : std::uint8_t { incomplete, reachable, stale, delay, probe };

  Neighbour* next = nullptr;                  // in the pool
  Neighbour* chain = nullptr;                 // in its bucket
  boost::intrusive::list_member_hook<> hook;  // in its class's list
  wire::IpAddress address;
  wire::MacAddress mac;
  PortIndex port = 0;
  State state = State::incomplete;
  bool confirmed = false;  // answered us at least once
  bool pinned = false;     // a configured gateway
  std::uint8_t probes = 0;
  std::uint32_t generation = 0;  // changes when the entry becomes another neighbour
  Instant deadline = kNever;     // of what its state waits for; of its reachability
  Fifo<Parcel> waiting;
};

// Remembers an entry for as long as it stays the same neighbour.
class NeighbourLink {
 public:
  Neighbour* get() const { return to_ != nullptr && to_->generation == generation_ ? to_ : nullptr; }
  void set(Neighbour* to) {
    to_ = to;
    generation_ = to != nullptr ? to->generation : 0;
  }

 private:
  Neighbour* to_ = nullptr;
  std::uint32_t generation_ = 0;
};

class Neighbours {
 public:
  static constexpr Duration kRetransmit = std::chrono::seconds(1);  // RFC 4861 §10
  static constexpr Duration kDelayFirstProbe = std::chrono::seconds(5);
  static constexpr Duration kReachable = std::chrono::seconds(30);
  static constexpr std::uint8_t kMostProbes = 3;

  Neighbours(std::size_t capacity, const SipKey& key, Outbox& outbox, Counters& counters);

  Neighbour* find(PortIndex port, const wire::IpAddress& address);
  // A new entry that is being asked for (incomplete); null where the table has no room. The caller asks.
  Neighbour* begin(PortIndex port, const wire::IpAddress& address, bool pinned, Instant now);

  // Something is about to be sent to it: a neighbour not known to be reachable starts to be watched.
  void used(Neighbour& neighbour, Instant now) {
    if (neighbour.state != Neighbour::State::reachable || neighbour.deadline <= now) watch(neighbour, now);
  }

  // It asked us something and said its MAC address. RFC 4861 §7.2.3, RFC 826. Makes an entry where there is
  // none.
  void heard(PortIndex port, const wire::IpAddress& address, const wire::MacAddress& mac, bool pinned,
             Instant now);

  // It advertised itself. RFC 4861 §7.2.5. No entry is made.
  struct Advertisement {
    const wire::MacAddress* mac = nullptr;  // null where it gave none
    bool solicited = false;
    bool override_entry = false;
  };
  void advertised(Neighbour& neighbour, const Advertisement& advertisement, Instant now);

  // Entries whose time is up. For each, retry() says whether it is to be asked again; else it is gone.
  std::span<Neighbour* const> due(Instant now);
  bool retry(Neighbour& neighbour, Instant now);
  Instant next_deadline() const { return next_deadline_; }

  std::size_t size() const { return incomplete_.size() + unconfirmed_.size() + confirmed_.size(); }

 private:
  using Hook =
      boost::intrusive::member_hook<Neighbour, boost::intrusive::list_member_hook<>, &Neighbour::hook>;
  using List = boost::intrusive::list<Neighbour, Hook>;

  void watch(Neighbour& neighbour, Instant now);
  List& list_of(const Neighbour& neighbour);
  Neighbour** bucket(PortIndex port, const wire::IpAddress& address);
  Neighbour* make(PortIndex port, const wire::IpAddress& address, bool pinned);
  bool evict_from(List& list, bool (*may_go)(const Neighbour&, Instant), Instant now);
  bool make_room(Instant now);
  void remove(Neighbour& neighbour);
  void enter(Neighbour& neighbour, Neighbour::State state, bool confirmed, Instant deadline);
  void learn(Neighbour& neighbour, const wire::MacAddress& mac, bool reachable, Instant now);
  void release_waiting(Neighbour& neighbour);
  void wake_at(Instant when);

  SipKey key_;
  Outbox& outbox_;
  Counters& counters_;
  Pool<Neighbour> pool_;
  std::vector<Neighbour*> buckets_;
  std::vector<Neighbour*> due_;
  List incomplete_;   // asked for, no answer yet; oldest first
  List unconfirmed_;  // known from its own question only; oldest first
  List confirmed_;    // answered us; least recently first
  Instant next_deadline_ = kNever;
};

}  // namespace postern::net
