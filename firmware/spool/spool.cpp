// The Spool's face: every call goes to the errand's own file.
#include "firmware/spool/spool.hpp"

#include <algorithm>
#include "firmware/spool/state.hpp"

namespace postern::spool {
namespace {

Settings within_reason(Settings settings) {
  settings.chunk_bytes = std::clamp<std::uint32_t>(settings.chunk_bytes, 512, kRecordMost);
  settings.segment_bytes =
      std::max<std::uint64_t>(settings.segment_bytes, std::uint64_t{settings.chunk_bytes} * 8);
  settings.orders = std::clamp<std::uint32_t>(settings.orders, 8, 4096);
  return settings;
}

// A body record of full length with its header, a small envelope in front and the commit behind.
std::size_t frame_bytes(std::uint32_t chunk_bytes) {
  return chunk_bytes + std::max<std::size_t>(chunk_bytes / 32, 512);
}

// Address space only: what is not used takes no memory. What does not fit in comes from malloc.
Arena::Owner memory_for(const Settings& settings) {
  constexpr std::size_t kPerMessage = 3072;  // two recipients and their verdicts
  constexpr std::size_t kBesides = 32u << 20;
  if (kSanitizedHeap) return nullptr;
  auto made = Arena::create({.bytes = settings.messages * kPerMessage + kBesides});
  return made ? std::move(*made) : nullptr;
}

}  // namespace

std::string text(MessageId id) {
  std::string digits(16, '0');
  for (std::size_t i = 16; i-- > 0; id >>= 4) digits[i] = "0123456789abcdef"[id & 0xf];
  return digits;
}

Spool::State::State(const Settings& settings, Counters& counters)
    : memory_(memory_for(settings)),
      settings_(within_reason(settings)),
      counters_(counters),
      frame_bytes_(frame_bytes(settings_.chunk_bytes)),
      pool_(frame_bytes_, std::max<std::uint64_t>(settings_.chunk_memory, 4 * frame_bytes_)),
      chunks_(pool_.indices()),
      ids_(settings_.messages),
      orders_(settings_.orders),
      catalogue_(std::make_unique<Catalogue>()) {
  for (auto index = settings_.orders; index-- > 0;) free_orders_.push_back(index);
  for (auto& log : logs_) {
    log.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(frame_bytes_);
    log.entries.reserve(frame_bytes_ / 48);
  }
  events_.reserve(256);
}

Spool::Spool(const Settings& settings, Counters& counters)
    : state_(std::make_unique<State>(settings, counters)) {}
Spool::~Spool() = default;

void Spool::use_salt(std::uint64_t salt) {
  state_->settings_.salt = salt;
}
void Spool::recover(SegmentNumber segment, std::uint64_t offset, Bytes bytes) {
  const auto scope = state_->enter();
  state_->recover(segment, offset, bytes);
}
void Spool::recover_segment_end(SegmentNumber segment, std::uint64_t size) {
  const auto scope = state_->enter();
  state_->recover_segment_end(segment, size);
}
void Spool::recovered(Now now) {
  const auto scope = state_->enter();
  state_->recovered(now);
}
std::span<const Spool::Damage> Spool::damage() const {
  return state_->damage_;
}

Result<MessageId> Spool::begin(const mail::Envelope& envelope, Now now) {
  const auto scope = state_->enter();
  return state_->begin(envelope, now);
}
std::size_t Spool::append(MessageId id, Bytes bytes) {
  const auto scope = state_->enter();
  return state_->append(id, bytes);
}
void Spool::finish(MessageId id, Now now, const Marks& marks) {
  const auto scope = state_->enter();
  state_->finish(id, now, marks);
}
void Spool::abandon(MessageId id) {
  const auto scope = state_->enter();
  state_->abandon(id);
}

bool Spool::next_order(DiskOrder& order) {
  const auto scope = state_->enter();
  return state_->next_order(order);
}
void Spool::answered(const DiskAnswer& answer, Now now) {
  const auto scope = state_->enter();
  state_->answered(answer, now);
}
void Spool::disk_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes) {
  state_->disk_space(free_bytes, reserve_bytes);
}
bool Spool::accepting() const {
  return state_->accepting();
}

std::span<const Event> Spool::events() const {
  return state_->events_;
}
void Spool::clear_events() {
  state_->events_.clear();
}

bool Spool::due(Now now, Owed& owed) {
  const auto scope = state_->enter();
  return state_->due(now, owed);
}
Instant Spool::next_due() const {
  return state_->schedule_.next([this](const Turn& turn) { return state_->turn_is_valid(turn); });
}
Result<Owed> Spool::owed(MessageId id) const {
  const auto* message = state_->find(id);
  if (message == nullptr || !message->in_queue()) return fail("no such message in the queue");
  Owed owed;
  state_->fill(*message, owed);
  return owed;
}
Bytes Spool::body(MessageId id, std::uint64_t offset) {
  const auto scope = state_->enter();
  return state_->body(id, offset);
}
void Spool::settle(MessageId id, std::span<const Settled> settled, Now now) {
  const auto scope = state_->enter();
  state_->settle(id, settled, now);
}
void Spool::release(MessageId id, Now now, std::string_view why) {
  const auto scope = state_->enter();
  state_->release(id, now, why);
}
void Spool::note(MessageId id, std::span<const Settled> settled, Now now) {
  const auto scope = state_->enter();
  state_->note(id, settled, now);
}
void Spool::postpone(MessageId id, Instant at, Now now) {
  const auto scope = state_->enter();
  state_->postpone(id, at, now);
}
void Spool::delay_told(MessageId id) {
  const auto scope = state_->enter();
  state_->delay_told(id);
}
bool Spool::hold(MessageId id, bool held, Now now) {
  const auto scope = state_->enter();
  return state_->hold(id, held, now);
}
bool Spool::reroute(MessageId id, std::string_view route, Now now) {
  const auto scope = state_->enter();
  return state_->reroute(id, route, now);
}
bool Spool::retry(MessageId id, Now now) {
  const auto scope = state_->enter();
  return state_->retry_now(id, now);
}
bool Spool::give_back(MessageId id, Now now) {
  const auto scope = state_->enter();
  return state_->give_back(id, now);
}
std::size_t Spool::memory_used() const {
  return state_->memory_ ? state_->memory_->used() : 0;
}
std::uint32_t Spool::places() const {
  return static_cast<std::uint32_t>(state_->slots_.size());
}
bool Spool::look_at(std::uint32_t place, Queued& queued) const {
  return place < state_->slots_.size() && state_->look_at(place, queued);
}
bool Spool::look(MessageId id, Queued& queued) const {
  const auto slot = state_->slot_of(id);
  return slot != kNoSlot && state_->look_at(slot, queued);
}
bool Spool::owes(MessageId id, std::uint32_t recipient) const {
  const auto* message = state_->queued(id);
  return message != nullptr && message->owes(recipient);
}
void Spool::hurry(Now now) {
  const auto scope = state_->enter();
  state_->now_ = now;
  state_->schedule_.hurry();
}
void Spool::discard(MessageId id, Now now) {
  const auto scope = state_->enter();
  state_->now_ = now;
  state_->discard(id);
}
const Verdict* Spool::last_verdict(MessageId id, std::uint32_t recipient) const {
  const auto* message = state_->find(id);
  if (message == nullptr || !message->in_queue()) return nullptr;
  const auto found = message->verdicts.find(recipient);
  return found == message->verdicts.end() ? nullptr : &found->second;
}
std::string_view Spool::last_trouble(MessageId id) const {
  const auto* message = state_->find(id);
  return message == nullptr ? std::string_view() : std::string_view(message->why);
}
std::span<const MessageId> Spool::set_aside() const {
  return state_->aside_;
}

std::size_t Spool::size() const {
  return state_->queue_size_;
}
std::uint64_t Spool::chunk_memory_used() const {
  return state_->pool_.used_bytes();
}

}  // namespace postern::spool
