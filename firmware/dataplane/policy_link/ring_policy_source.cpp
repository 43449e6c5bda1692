// One core's way to the resolver: see the header.
#include "firmware/dataplane/policy_link/ring_policy_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>

#include "firmware/policy/encoding.hpp"
#include "platform/clock/clock.hpp"

namespace postern::dataplane {

namespace {

constexpr Duration kTendEvery = std::chrono::seconds(1);
constexpr Duration kHintAgain = std::chrono::milliseconds(100);

}  // namespace

RingPolicySource::RingPolicySource(std::uint32_t lane, std::uint64_t life) : lane_(lane), life_(life) {
  open_.reserve(64);
}

void RingPolicySource::adopt(PolicyMemory* memory) {
  memory_ = memory;
  for (auto& [ticket, one] : open_) one.sent = false;
  unsent_ = open_.size();
  next_tend_ = Instant{};
}

Bytes RingPolicySource::lookup(std::string_view domain) {
  if (memory_ == nullptr) return {};
  const Bytes found = memory_->table.lookup(domain, buffer_);
  if (!found.empty()) hint_refresh(domain, found);
  return found;
}

void RingPolicySource::prefetch(std::span<const std::string_view> domains) {
  if (memory_ != nullptr) memory_->table.prefetch(domains);
}

// A domain in use is looked up again before its facts run out, so that nobody has to wait for that.
void RingPolicySource::hint_refresh(std::string_view domain, Bytes encoded) {
  const auto view = policy::FactsView::over(encoded);
  if (!view) return;
  const auto& head = view->head();
  const auto now = clock::kernel_wall();
  const auto left = head.expires - now.time_since_epoch().count();
  if (left <= 0 || left >= (head.expires - head.learned) / 5) return;
  const auto hash = std::hash<std::string_view>{}(domain);
  auto& hint = hints_[hash % hints_.size()];
  if (hint.hash == hash && now < hint.until) return;
  if (push(ipc::PolicyWish::refresh, 0, domain))
    hint = {hash, now + std::max(Duration(left / 2), kHintAgain)};
}

bool RingPolicySource::push(ipc::PolicyWish wish, shard::PolicyTicket ticket, std::string_view domain) {
  ipc::PolicyQuestion question;
  question.life = life_;
  question.ticket = ticket;
  question.wish = wish;
  if (memory_ == nullptr || !question.set_domain(domain)) return false;
  if (!ipc::policy_lane(memory_->lanes_memory.bytes(), lane_).questions.push(question)) return false;
  wake();
  return true;
}

// The resolver says that it sleeps and then looks at the rings once more; we push and then look whether it
// sleeps. One of the two sees the other.
void RingPolicySource::wake() {
  auto& asleep = ipc::policy_lanes_head(memory_->lanes_memory.bytes()).asleep;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (asleep.load(std::memory_order_relaxed) == 0) return;
  if (asleep.exchange(0, std::memory_order_seq_cst) == 0) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(memory_->event.get(), &one, sizeof one);
}

bool RingPolicySource::ask(shard::PolicyTicket ticket, std::string_view domain) {
  if (open_.size() >= kMostOpen || !push(ipc::PolicyWish::answer, ticket, domain)) return false;
  open_.insert_or_assign(ticket, Open{std::string(domain), clock::kernel_instant(), true});
  return true;
}

bool RingPolicySource::ready(shard::PolicyTicket& ticket) {
  if (open_.empty() || memory_ == nullptr) return false;
  tend(clock::kernel_instant());
  auto& answers = ipc::policy_lane(memory_->lanes_memory.bytes(), lane_).answers;
  ipc::PolicyAnswer answer;
  while (answers.pop(answer)) {
    // Answers for a data plane that was here before us, or for what was given up, mean nothing.
    if (answer.life != life_ || open_.erase(answer.ticket) == 0) continue;
    ticket = answer.ticket;
    return true;
  }
  return false;
}

void RingPolicySource::tend(Instant now) {
  if (now < next_tend_) return;
  next_tend_ = now + kTendEvery;
  std::erase_if(open_, [&](const auto& one) { return now - one.second.asked > kMostOpenTime; });
  if (unsent_ == 0) return;
  unsent_ = 0;
  for (auto& [ticket, one] : open_) {
    if (!one.sent) one.sent = push(ipc::PolicyWish::answer, ticket, one.domain);
    unsent_ += one.sent ? 0u : 1u;
  }
}

}  // namespace postern::dataplane
