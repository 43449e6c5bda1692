// What waits for a destination: its plan, the asking for it, and the giving up.
#include "firmware/shard/destination.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/outbound.hpp"
#include "firmware/shard/session_report.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

// How long a plan made from current facts serves: it costs little to make, and a promise may be new.
constexpr Duration kPlanLife = std::chrono::seconds(5);
// What waits here at most; the rest waits in the queue.
constexpr std::size_t kWaitingMost = 32;
constexpr Duration kSpillLeast = std::chrono::seconds(1);
constexpr Duration kSpillApart = std::chrono::milliseconds(5);
constexpr Duration kSpillMost = std::chrono::minutes(5);
constexpr Duration kAskAgain = std::chrono::seconds(1);
constexpr Duration kForget = std::chrono::minutes(2);
constexpr std::size_t kMostIdle = 10000;  // with more than that, those without work go at once

}  // namespace

Destination::Destination(Shard::State& shard, std::string key, Place place)
    : shard_(shard),
      key_(std::move(key)),
      place_(std::move(place)),
      window_(shard.settings->outbound.first_connections),
      used_(shard.now.instant) {
  if (!place_.fixed) return;
  has_plan_ = true;
  plan_.domain.insist = policy::Insist::ask_hosts;
  plan_.candidates.push_back({.target = place_.fixed});
}

Destination::~Destination() {
  shard_.internet.close_ticket(ticket_);
}

bool Destination::forgettable() const {
  const bool crowded = shard_.internet.destinations() > kMostIdle;
  return waiting_.empty() && sessions_.empty() && ticket_ == 0 && !resting() &&
         (crowded || shard_.now.instant >= used_ + kForget);
}

bool Destination::resting() const {
  return shard_.now.instant < rest_until_;
}

void Destination::add(Part part) {
  used_ = shard_.now.instant;
  if (waiting_.size() < kWaitingMost) {
    waiting_.push_back(std::move(part));
    return;
  }
  // Back into the queue, one behind the other, so that one domain's backlog neither fills the memory nor
  // comes at once.
  ++shard_.counters.shard.parts_spilled;
  const auto now = shard_.now.instant;
  spill_ = std::clamp(spill_ + kSpillApart, now + kSpillLeast, now + kSpillMost);
  shard_.delivery.postpone(std::move(part), spill_);
}

void Destination::answered() {
  ticket_ = 0;
  // Not published after all: asked again until the time is over.
  ask_again_ = shard_.now.instant + kAskAgain;
  if (!take_facts()) return;
  asked_at_ = kNever;
}

void Destination::serve() {
  if (waiting_.empty()) return;
  used_ = shard_.now.instant;
  if (resting()) return put_off({451, "4.4.1", rest_reason_}, {});
  if (!planned()) return;
  while (!waiting_.empty() && give_one()) {
  }
  while (!waiting_.empty() && open_one()) {
  }
}

bool Destination::needs_facts() const {
  return !place_.fixed && (!has_plan_ || shard_.now.instant >= plan_.made + kPlanLife);
}

// There is a plan from facts that hold now; else asks, waits, or puts off.
bool Destination::planned() {
  if (place_.fixed) return true;
  if (needs_facts() && !take_facts()) {
    ask();
    return false;
  }
  asked_at_ = kNever;
  if (plan_.domain.insist == policy::Insist::ask_hosts) return true;
  tell_barred();
  put_off(verdict(), {});
  return false;
}

bool Destination::take_facts() {
  const auto facts = policy::FactsView::over(shard_.policies.lookup(place_.domain));
  has_plan_ = false;
  if (!facts || !is_current(*facts, shard_.now.wall)) return false;
  auto fresh = make_plan(*facts, place_.wishes, *shard_.settings, shard_.now, shard_.internet.shuffler());
  // What failed a moment ago is not tried again only because the plan is new.
  for (auto& candidate : fresh.candidates) {
    for (const auto& old : plan_.candidates) {
      if (old.target->endpoint.address != candidate.target->endpoint.address ||
          fresh.learned != plan_.learned)
        continue;
      candidate.failed = old.failed;
      candidate.failed_at = old.failed_at;
      candidate.in_clear = old.in_clear;
    }
  }
  for (auto& barred : fresh.barred) barred.told = fresh.learned == plan_.learned;
  plan_ = std::move(fresh);
  has_plan_ = true;
  return true;
}

// DESIGN §5: a resolver that does not answer means waiting, then deferring; never a lower demand.
void Destination::ask() {
  if (asked_at_ == kNever) asked_at_ = shard_.now.instant;
  if (ticket_ == 0 && shard_.now.instant >= ask_again_) {
    ticket_ = shard_.internet.open_ticket(*this);
    if (!shard_.policies.ask(ticket_, place_.domain)) {
      shard_.internet.close_ticket(ticket_);
      ticket_ = 0;
    }
  }
  if (shard_.now.instant < asked_at_ + shard_.settings->outbound.policy_timeout) return;
  ++shard_.counters.shard.policy_timeouts;
  shard_.internet.close_ticket(ticket_);
  ticket_ = 0;
  asked_at_ = kNever;
  last_trouble_ = {451, "4.4.3", "what the domain promises could not be found out in time"};
  rest(last_trouble_.text);
  put_off(last_trouble_, {});
}

void Destination::tell_barred() {
  const auto* part = waiting_.empty() ? nullptr : &waiting_.front();
  if (plan_.domain.insist == policy::Insist::defer) {
    report_barred(shard_, place_.domain, plan_, {{}, plan_.domain, plan_.detail}, part);
  }
  for (auto& barred : plan_.barred) {
    if (!barred.told) report_barred(shard_, place_.domain, plan_, barred, part);
    barred.told = true;
  }
}

// What to tell the recipients where no server is left.
smtp::RecipientResult Destination::verdict() const {
  const auto of_demand = [](const policy::Demand& demand, std::string_view host, std::string_view detail) {
    std::string text(host);
    if (!text.empty()) text += ": ";
    text += demand.reason;
    if (!detail.empty()) text += " (" + std::string(detail) + ")";
    const bool never = demand.insist == policy::Insist::refuse;
    const std::string_view otherwise = never ? "5.7.1" : "4.7.5";
    return smtp::RecipientResult{static_cast<std::uint16_t>(never ? 550 : 451),
                                 std::string(demand.status.empty() ? otherwise : demand.status), text};
  };
  if (plan_.domain.insist != policy::Insist::ask_hosts) return of_demand(plan_.domain, {}, plan_.detail);
  // A server that may take it later weighs more than one that never will.
  const auto later = std::find_if(plan_.barred.begin(), plan_.barred.end(), [](const Barred& barred) {
    return barred.demand.insist == policy::Insist::defer;
  });
  const bool tried = last_trouble_.code != 0;
  if (tried && (!all_for_ever_ || later == plan_.barred.end())) return last_trouble_;
  if (later != plan_.barred.end()) return of_demand(later->demand, later->host, later->detail);
  if (plan_.barred.empty()) return {451, "4.4.4", "no server of the domain has an address"};
  return of_demand(plan_.barred.front().demand, plan_.barred.front().host, plan_.barred.front().detail);
}

// Every server was tried or must not be tried.
void Destination::give_up() {
  tell_barred();
  const auto result = verdict();
  if (result.code < 500) rest(result.text);
  put_off(result, {});
  for (auto& candidate : plan_.candidates) candidate.failed = false;
  last_trouble_ = {};
  all_for_ever_ = true;
  has_plan_ = place_.fixed != nullptr;
}

void Destination::rest(std::string why) {
  const auto& outbound = shard_.settings->outbound;
  pause_ = pause_ == Duration{0} ? outbound.retry_first : std::min(pause_ * 2, outbound.retry_most);
  rest_until_ = shard_.now.instant + pause_;
  rest_reason_ = std::move(why);
}

void Destination::put_off(const smtp::RecipientResult& result, std::string_view host) {
  auto parts = std::move(waiting_);
  waiting_.clear();
  for (auto& part : parts) shard_.delivery.conclude(std::move(part), result, host);
}

}  // namespace postern::shard
