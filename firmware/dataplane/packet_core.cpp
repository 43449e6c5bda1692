#include "firmware/dataplane/packet_core.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "platform/base/arena.hpp"

namespace postern::dataplane {
namespace {

constexpr std::size_t kAnswersPerTurn = 256;
constexpr std::size_t kOrdersPerTurn = 256;
constexpr std::size_t kReturnsPerTurn = nic::kBurst;
// How often the core looks at what changes slowly: free disk space, the figures it publishes.
constexpr Duration kLookEvery = 100ms;
// And at the resolver's answers while it was asked something.
constexpr Duration kAnswerWithin = 1ms;

static_assert(kSharedBytes >= 1 + 1518, "a full frame with its port");

}  // namespace

PacketCore::PacketCore(Parts parts)
    : parts_(std::move(parts)), sink_(parts_.ports), governor_({}, parts_.ports) {
  shared_.reserve(kSharedBytes);
}

void PacketCore::run(const MakeShard& make_shard) {
  shard_ = make_shard();
  if (shard_) {
    now_ = clock_.now();
    running_.store(true, std::memory_order_release);
    while (!stop_) turn();
  }
  running_.store(false, std::memory_order_release);
}

void PacketCore::turn() {
  now_ = clock_.now();
  const Instant began = now_.instant;
  sink_.set_now(began);
  std::size_t work = inhale() + take_shared() + take_answers() + return_exceptions();
  shard_->advance(now_);
  work += give_orders();
  more_to_send_ = shard_->transmit(sink_, now_);
  work += sink_.flush();
  give_injected();
  give_queue_work();
  give_report_mail();
  Command command;
  if (commands_.pop(command)) take_command(command);
  const auto free = parts_.spool->free_bytes.load(std::memory_order_relaxed);
  if (free != free_bytes_ || began >= next_look_) look(free);
  note(work, began);
}

std::size_t PacketCore::inhale() {
  std::size_t total = 0;
  std::array<Frame, nic::kBurst> frames;
  for (PortIndex port = 0; port < parts_.ports.size(); ++port) {
    const std::size_t count = parts_.ports[port]->receive(frames, now_.instant);
    for (std::size_t i = 0; i < count; ++i) {
      const auto taken = shard_->on_frame(port, frames[i], now_);
      if (taken.for_kernel) pass_exception(port, frames[i]);
      if (taken.for_all) share(port, frames[i]);
    }
    if (count > 0) parts_.ports[port]->release(std::span(frames).first(count));
    total += count;
  }
  return total;
}

void PacketCore::pass_exception(PortIndex port, const Frame& frame) {
  auto* tap = parts_.taps[port];
  if (tap == nullptr || !tap->push(parts_.index, frame)) ++parts_.counters->exceptions_lost;
}

void PacketCore::share(PortIndex port, const Frame& frame) {
  if (parts_.to_cores.empty()) return;
  shared_.assign(1, port);
  shared_.insert(shared_.end(), frame.data, frame.data + frame.length);
  for (auto* ring : parts_.to_cores) {
    if (!ring->push(shared_)) ++parts_.counters->shared_lost;
  }
}

// What other cores passed on; it is never passed on again.
std::size_t PacketCore::take_shared() {
  std::size_t count = 0;
  for (auto* ring : parts_.from_cores) {
    for (Bytes bytes = ring->front(); !bytes.empty() && count < nic::kBurst; bytes = ring->front()) {
      shared_.assign(bytes.begin(), bytes.end());
      ring->drop_front();
      Frame frame;
      frame.data = shared_.data() + 1;
      frame.length = frame.capacity = static_cast<std::uint16_t>(shared_.size() - 1);
      shard_->on_frame(shared_.front(), frame, now_);
      ++count;
    }
  }
  return count;
}

// Frames of the kernel leave by the port whose tap they came from; core 0 carries them.
std::size_t PacketCore::return_exceptions() {
  if (parts_.index != 0) return 0;
  std::size_t total = 0;
  for (PortIndex port = 0; port < parts_.taps.size(); ++port) {
    auto* tap = parts_.taps[port];
    for (std::size_t i = 0; tap != nullptr && i < kReturnsPerTurn; ++i) {
      const Bytes bytes = tap->pop();
      Frame frame;
      if (bytes.empty() || !sink_.allocate(port, frame)) break;
      if (bytes.size() <= frame.capacity) {
        std::memcpy(frame.data, bytes.data(), bytes.size());
        frame.length = static_cast<std::uint16_t>(bytes.size());
        sink_.send(port, frame);
      } else {
        sink_.discard(port, frame);
      }
      tap->pop_done();
      ++total;
    }
  }
  return total;
}

std::size_t PacketCore::take_answers() {
  spool::DiskAnswer answer;
  std::size_t count = 0;
  while (count < kAnswersPerTurn && parts_.spool->answers.pop(answer)) {
    shard_->on_disk(answer, now_);
    ++count;
  }
  outstanding_ -= count;
  return count;
}

std::size_t PacketCore::give_orders() {
  std::size_t count = 0;
  while (count < kOrdersPerTurn) {
    if (!has_held_) has_held_ = shard_->next_order(held_);
    if (!has_held_) break;
    if (!parts_.spool->orders.push(held_)) {
      ++parts_.counters->disk_orders_waited;
      break;
    }
    has_held_ = false;
    ++count;
  }
  outstanding_ += count;
  parts_.counters->disk_orders += count;
  return count;
}

// Housekeeping looks after them now and then; until there is room they wait.
void PacketCore::give_injected() {
  if (!has_answer_) has_answer_ = shard_->next_injected(answer_);
  if (has_answer_ && injected_.push(answer_)) has_answer_ = false;
}

void PacketCore::give_queue_work() {
  while (auto* work = shard_->next_queue_work()) queue_work_.push(work);
}

void PacketCore::give_report_mail() {
  if (const auto* mail = shard_->next_report_mail()) report_mail_.push(mail);
}

void PacketCore::take_command(const Command& command) {
  switch (command.kind) {
    case Command::Kind::apply:
      shard_->apply(*command.settings);
      parts_.counters->generation = command.generation;
      break;
    case Command::Kind::tickets:
      shard_->set_ticket_keys(*command.tickets);
      break;
    case Command::Kind::policy_memory:
      if (parts_.policies != nullptr) parts_.policies->adopt(command.memory);
      break;
    case Command::Kind::inject:
      shard_->inject(*command.injection);
      break;
    case Command::Kind::queue:
      if (!shard_->ask_queue(*command.work)) queue_work_.push(command.work);
      break;
    case Command::Kind::report_kept:
      shard_->answer_report_mail(command.report, now_);
      break;
    case Command::Kind::hurry:
      shard_->hurry(now_);
      break;
    case Command::Kind::shut_down:
      shard_->shut_down(now_);
      stopping_ = true;
      break;
    case Command::Kind::stop:
      stop_ = true;
      break;
  }
  taken_.fetch_add(1, std::memory_order_release);
}

void PacketCore::look(std::uint64_t free) {
  next_look_ = now_.instant + kLookEvery;
  free_bytes_ = free;
  shard_->disk_space(free, parts_.reserve_bytes);
  parts_.counters->queue_messages = shard_->spool().size();
  if (const auto* arena = Arena::current()) parts_.counters->arena_used = arena->used() + shard_->spool().memory_used();
  quiet_.store(stopping_ && shard_->quiet() && outstanding_ == 0 && !has_held_, std::memory_order_release);
}

Instant PacketCore::wake_at() const {
  if (more_to_send_ || has_held_) return now_.instant;
  const auto deadline = std::min(shard_->next_deadline(), next_look_);
  const bool asked = parts_.policies != nullptr && parts_.policies->waiting();
  return asked ? std::min(deadline, now_.instant + kAnswerWithin) : deadline;
}

void PacketCore::note(std::size_t work, Instant began) {
  auto& counters = *parts_.counters;
  const Instant ended = clock_.now().instant;
  ++counters.polls;
  if (work > 0) {
    const auto took = static_cast<std::uint64_t>((ended - began).count());
    counters.busy_ns += took;
    counters.longest_turn_ns = std::max(counters.longest_turn_ns, took);
  } else {
    ++counters.polls_idle;
  }
  governor_.after_poll(work > 0, ended, wake_at());
  counters.sleeps = governor_.counters().sleeps;
  counters.slept_ns = governor_.counters().slept_nanoseconds;
}

}  // namespace postern::dataplane
