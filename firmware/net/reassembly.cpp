// Reassembly; see reassembly.hpp. RFC 791 §3.2, RFC 8200 §4.5, RFC 5722 §4, RFC 1858 §3.
#include "firmware/net/reassembly.hpp"

#include <algorithm>

namespace postern::net {
namespace {

constexpr std::size_t kBlock = 8;
// No link we meet cuts this small; whoever does wants to hide something or to keep us busy.
constexpr std::size_t kLeastFragment = 128;
// RFC 8200 §4.5 says 60 seconds; RFC 1122 §3.3.2 between 60 and 120. Mail does not need so much patience, and
// what is kept for less time is harder to fill up.
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr std::size_t kMostPerNetworkDivisor = 4;

struct Blocks {
  std::size_t first;
  std::size_t last;  // one past
};

Blocks blocks_of(const Fragment& fragment) {
  return {fragment.offset / kBlock, (fragment.offset + fragment.payload.size() + kBlock - 1) / kBlock};
}

std::size_t count_present(const std::uint64_t* bits, Blocks blocks) {
  std::size_t present = 0;
  for (std::size_t i = blocks.first; i < blocks.last; ++i) present += bits[i / 64] >> (i % 64) & 1;
  return present;
}

}  // namespace

Reassembly::Reassembly(const Settings& settings, Counters& counters)
    : counters_(counters),
      slot_bytes_(settings.reassemblies == 0
                      ? 0
                      : std::min<std::size_t>(settings.reassembly_memory / settings.reassemblies, 65535) /
                            512 * 512),
      memory_(slot_bytes_ * settings.reassemblies),
      block_memory_(memory_.size() / kBlock / 64),
      slots_(slot_bytes_ == 0 ? 0 : settings.reassemblies) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].bytes = memory_.data() + i * slot_bytes_;
    slots_[i].blocks = block_memory_.data() + i * (slot_bytes_ / kBlock / 64);
  }
}

bool Reassembly::is_acceptable(const Fragment& fragment) {
  const std::size_t size = fragment.payload.size();
  if (size == 0 || (fragment.more && size % kBlock != 0)) {
    ++counters_.dropped_fragment;
    return false;
  }
  // RFC 1858 §3: neither a first fragment without the whole transport header nor a second one that reaches
  // back.
  if ((fragment.more && size < kLeastFragment) || (fragment.offset > 0 && fragment.offset < kLeastFragment)) {
    ++counters_.dropped_fragment_tiny;
    return false;
  }
  if (fragment.offset + size > slot_bytes_) {
    ++counters_.dropped_fragment_size;
    return false;
  }
  return true;
}

Reassembly::Slot* Reassembly::free_slot(const Fragment& fragment) {
  const auto network = wire::budget_prefix(fragment.source);
  std::size_t of_network = 0;
  Slot* chosen = nullptr;
  for (auto& slot : slots_) {
    if (slot.used && wire::budget_prefix(slot.source) == network) ++of_network;
    // A free one, else the oldest.
    if (chosen == nullptr || (chosen->used && (!slot.used || slot.deadline < chosen->deadline)))
      chosen = &slot;
  }
  if (of_network * kMostPerNetworkDivisor > slots_.size()) {
    ++counters_.dropped_fragment_source;
    return nullptr;
  }
  if (chosen != nullptr && chosen->used) ++counters_.reassembly_evicted;
  return chosen;
}

Reassembly::Slot* Reassembly::slot_for(const Fragment& fragment, Instant now) {
  for (auto& slot : slots_) {
    if (slot.used && slot.identification == fragment.identification && slot.source == fragment.source &&
        slot.destination == fragment.destination && slot.protocol == fragment.protocol &&
        slot.port == fragment.port) {
      return &slot;
    }
  }
  Slot* slot = free_slot(fragment);
  if (slot == nullptr) return nullptr;
  *slot = Slot{.used = true,
               .source = fragment.source,
               .destination = fragment.destination,
               .identification = fragment.identification,
               .protocol = fragment.protocol,
               .port = fragment.port,
               .deadline = now + kPatience,
               .bytes = slot->bytes,
               .blocks = slot->blocks};
  std::fill_n(slot->blocks, slot_bytes_ / kBlock / 64, 0);
  next_deadline_ = std::min(next_deadline_, slot->deadline);
  return slot;
}

void Reassembly::poison(Slot& slot) {
  slot.poisoned = true;
  ++counters_.dropped_fragment_overlap;
}

bool Reassembly::place(Slot& slot, const Fragment& fragment) {
  const std::size_t size = fragment.payload.size();
  const auto end = static_cast<std::uint32_t>(fragment.offset + size);
  const Blocks blocks = blocks_of(fragment);
  const std::size_t present = count_present(slot.blocks, blocks);
  if (present != 0) {
    const bool same = present == blocks.last - blocks.first && end <= slot.reach &&
                      std::memcmp(slot.bytes + fragment.offset, fragment.payload.data(), size) == 0;
    if (!same) poison(slot);
    if (same) ++counters_.dropped_fragment_duplicate;
    return false;
  }
  // Two ends that disagree, or data behind the end.
  if ((!fragment.more && (slot.total != 0 || end < slot.reach)) || (slot.total != 0 && end > slot.total)) {
    poison(slot);
    return false;
  }
  std::memcpy(slot.bytes + fragment.offset, fragment.payload.data(), size);
  for (std::size_t i = blocks.first; i < blocks.last; ++i)
    slot.blocks[i / 64] |= std::uint64_t{1} << (i % 64);
  keep_header(slot, fragment);
  slot.received += static_cast<std::uint32_t>(size);
  slot.reach = std::max(slot.reach, end);
  if (!fragment.more) slot.total = end;
  return slot.total != 0 && slot.received == slot.total;
}

Bytes Reassembly::accept(const Fragment& fragment, Instant now) {
  ++counters_.fragments_in;
  if (!is_acceptable(fragment)) return {};
  Slot* slot = slot_for(fragment, now);
  if (slot == nullptr || slot->poisoned || !place(*slot, fragment)) return {};
  slot->used = false;
  ++counters_.reassembled;
  return {slot->bytes, slot->total};
}

// RFC 792, RFC 4443 §3.3: an error quotes the beginning of the datagram.
void Reassembly::keep_header(Slot& slot, const Fragment& fragment) {
  if (fragment.offset != 0 || fragment.header.empty() || fragment.header.size() > kMostHeader) return;
  std::memcpy(slot.header, fragment.header.data(), fragment.header.size());
  slot.header_size = static_cast<std::uint8_t>(fragment.header.size());
  slot.first_size = static_cast<std::uint16_t>(fragment.payload.size());
  slot.from = fragment.from;
}

// True where its time ran out and nobody made a mess of it.
bool Reassembly::expire(Slot& slot, Instant now) {
  if (slot.deadline > now) {
    next_deadline_ = std::min(next_deadline_, slot.deadline);
    return false;
  }
  slot.used = false;
  if (slot.poisoned) return false;
  ++counters_.reassembly_timeouts;
  return true;
}

}  // namespace postern::net
