// The neighbour cache; see neighbours.hpp. RFC 4861 §7.2 and §7.3, RFC 826.
#include "firmware/net/neighbours.hpp"

#include <bit>

namespace postern::net {
namespace {

using State = Neighbour::State;

// Deadlines are put off to the next tenth of a second, so that many entries share one scan.
constexpr Duration kTick = std::chrono::milliseconds(100);

Instant on_tick(Instant when) {
  const auto since = when.time_since_epoch();
  return Instant((since / kTick + 1) * kTick);
}

bool waits_for_time(State state) {
  return state == State::incomplete || state == State::delay || state == State::probe;
}

bool any(const Neighbour&, Instant) {
  return true;
}
bool out_of_date(const Neighbour& neighbour, Instant now) {
  return neighbour.state == State::stale ||
         (neighbour.state == State::reachable && neighbour.deadline <= now);
}

}  // namespace

Neighbours::Neighbours(std::size_t capacity, const SipKey& key, Outbox& outbox, Counters& counters)
    : key_(key),
      outbox_(outbox),
      counters_(counters),
      pool_(capacity),
      buckets_(std::bit_ceil(capacity * 2 + 1), nullptr) {
  due_.reserve(capacity);
}

Neighbour** Neighbours::bucket(PortIndex port, const wire::IpAddress& address) {
  std::uint8_t bytes[17];
  std::memcpy(bytes, address.bytes.data(), 16);
  bytes[16] = port;
  return &buckets_[siphash(key_, bytes) & (buckets_.size() - 1)];
}

Neighbour* Neighbours::find(PortIndex port, const wire::IpAddress& address) {
  Neighbour* neighbour = *bucket(port, address);
  while (neighbour != nullptr && (neighbour->address != address || neighbour->port != port)) {
    neighbour = neighbour->chain;
  }
  return neighbour;
}

Neighbours::List& Neighbours::list_of(const Neighbour& neighbour) {
  if (neighbour.confirmed) return confirmed_;
  return neighbour.state == State::incomplete ? incomplete_ : unconfirmed_;
}

void Neighbours::enter(Neighbour& neighbour, State state, bool confirmed, Instant deadline) {
  List& before = list_of(neighbour);
  before.erase(before.iterator_to(neighbour));
  neighbour.state = state;
  neighbour.confirmed = confirmed;
  neighbour.deadline = deadline;
  list_of(neighbour).push_back(neighbour);
  if (waits_for_time(state)) wake_at(deadline);
}

void Neighbours::wake_at(Instant when) {
  if (when < next_deadline_) next_deadline_ = when;
}

Neighbour* Neighbours::make(PortIndex port, const wire::IpAddress& address, bool pinned) {
  Neighbour* neighbour = pool_.take();
  if (neighbour == nullptr) return nullptr;
  neighbour->address = address;
  neighbour->port = port;
  neighbour->state = State::incomplete;
  neighbour->confirmed = false;
  neighbour->pinned = pinned;
  neighbour->probes = 0;
  neighbour->deadline = kNever;
  Neighbour** head = bucket(port, address);
  neighbour->chain = *head;
  *head = neighbour;
  incomplete_.push_back(*neighbour);
  return neighbour;
}

// The oldest few are looked at, no more: work per step is bounded.
bool Neighbours::evict_from(List& list, bool (*may_go)(const Neighbour&, Instant), Instant now) {
  constexpr int kLooks = 8;
  int looks = 0;
  for (auto& neighbour : list) {
    if (looks++ == kLooks) return false;
    if (neighbour.pinned || !may_go(neighbour, now)) continue;
    ++counters_.neighbours_evicted;
    remove(neighbour);
    return true;
  }
  return false;
}

bool Neighbours::make_room(Instant now) {
  if (pool_.available() > 0) return true;
  // The larger of the two doubtful kinds gives way, so that a flood of one does not push out the other.
  List& larger = incomplete_.size() > unconfirmed_.size() ? incomplete_ : unconfirmed_;
  List& smaller = incomplete_.size() > unconfirmed_.size() ? unconfirmed_ : incomplete_;
  if (evict_from(larger, any, now) || evict_from(smaller, any, now)) return true;
  if (evict_from(confirmed_, out_of_date, now)) return true;
  ++counters_.neighbours_full;
  return false;
}

void Neighbours::remove(Neighbour& neighbour) {
  while (Parcel* parcel = neighbour.waiting.pop()) {
    ++counters_.waiting_failed;
    outbox_.release(parcel);
  }
  Neighbour** link = bucket(neighbour.port, neighbour.address);
  while (*link != &neighbour) link = &(*link)->chain;
  *link = neighbour.chain;
  List& list = list_of(neighbour);
  list.erase(list.iterator_to(neighbour));
  ++neighbour.generation;
  pool_.give(&neighbour);
}

Neighbour* Neighbours::begin(PortIndex port, const wire::IpAddress& address, bool pinned, Instant now) {
  if (!make_room(now)) return nullptr;
  Neighbour* neighbour = make(port, address, pinned);
  neighbour->probes = 1;
  enter(*neighbour, State::incomplete, false, on_tick(now + kRetransmit));
  return neighbour;
}

void Neighbours::watch(Neighbour& neighbour, Instant now) {
  if (!out_of_date(neighbour, now)) return;
  neighbour.probes = 0;
  enter(neighbour, State::delay, neighbour.confirmed, on_tick(now + kDelayFirstProbe));
}

void Neighbours::learn(Neighbour& neighbour, const wire::MacAddress& mac, bool reachable, Instant now) {
  if (neighbour.state == State::incomplete) ++counters_.neighbours_resolved;
  neighbour.mac = mac;
  // RFC 4861 §6.3.2 spreads this by chance between half and one and a half; here each neighbour has its own
  // share.
  const auto spread = kReachable / 2 + kReachable * neighbour.mac.bytes[5] / 256;
  if (reachable) {
    enter(neighbour, State::reachable, true, now + spread);
  } else {
    enter(neighbour, State::stale, neighbour.confirmed, kNever);
  }
  release_waiting(neighbour);
}

void Neighbours::release_waiting(Neighbour& neighbour) {
  while (Parcel* parcel = neighbour.waiting.pop()) {
    std::memcpy(parcel->bytes, neighbour.mac.bytes.data(), 6);
    outbox_.queue(parcel);
  }
}

void Neighbours::heard(PortIndex port, const wire::IpAddress& address, const wire::MacAddress& mac,
                       bool pinned, Instant now) {
  Neighbour* neighbour = find(port, address);
  if (neighbour == nullptr) {
    if (!make_room(now)) return;
    neighbour = make(port, address, pinned);
    neighbour->mac = mac;
    enter(*neighbour, State::stale, false, kNever);
    return;
  }
  if (neighbour->state == State::incomplete) {
    learn(*neighbour, mac, false, now);
    used(*neighbour, now);
  } else if (neighbour->mac != mac) {
    learn(*neighbour, mac, false, now);
  }
}

void Neighbours::advertised(Neighbour& neighbour, const Advertisement& advertisement, Instant now) {
  if (neighbour.state == State::incomplete) {
    if (advertisement.mac != nullptr) learn(neighbour, *advertisement.mac, advertisement.solicited, now);
    return;
  }
  const bool other = advertisement.mac != nullptr && *advertisement.mac != neighbour.mac;
  if (other && !advertisement.override_entry) {
    if (neighbour.state == State::reachable) enter(neighbour, State::stale, true, kNever);
    return;
  }
  const wire::MacAddress mac = other ? *advertisement.mac : neighbour.mac;
  if (advertisement.solicited) {
    learn(neighbour, mac, true, now);
  } else if (other) {
    learn(neighbour, mac, false, now);
  }
}

std::span<Neighbour* const> Neighbours::due(Instant now) {
  due_.clear();
  if (now < next_deadline_) return due_;
  next_deadline_ = kNever;
  for (List* list : {&incomplete_, &unconfirmed_, &confirmed_}) {
    for (auto& neighbour : *list) {
      if (!waits_for_time(neighbour.state)) continue;
      if (neighbour.deadline <= now) {
        due_.push_back(&neighbour);
      } else {
        wake_at(neighbour.deadline);
      }
    }
  }
  return due_;
}

bool Neighbours::retry(Neighbour& neighbour, Instant now) {
  if (neighbour.probes == kMostProbes) {
    ++counters_.neighbours_failed;
    remove(neighbour);
    return false;
  }
  ++neighbour.probes;
  const State state = neighbour.state == State::incomplete ? State::incomplete : State::probe;
  enter(neighbour, state, neighbour.confirmed, on_tick(now + kRetransmit));
  return true;
}

}  // namespace postern::net
