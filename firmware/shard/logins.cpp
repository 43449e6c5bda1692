#include "firmware/shard/logins.hpp"

#include <algorithm>

#include "firmware/shard/inbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

constexpr std::size_t kNetworksMost = 1024;

}  // namespace

Logins::Wrong* Logins::wrong_of(const wire::IpAddress& network) {
  while (!wrong_.empty() && wrong_.front().until <= shard_.now.instant) wrong_.pop_front();
  const auto found = std::find_if(wrong_.begin(), wrong_.end(),
                                  [&](const Wrong& wrong) { return wrong.network == network; });
  return found == wrong_.end() ? nullptr : &*found;
}

void Logins::note_wrong(const wire::IpAddress& network) {
  ++shard_.counters.shard.logins_wrong;
  if (auto* wrong = wrong_of(network)) {
    ++wrong->count;
    return;
  }
  if (wrong_.size() >= kNetworksMost) wrong_.pop_front();
  wrong_.push_back({network, 1, shard_.now.instant + shard_.settings->submission.failures_time});
}

bool Logins::check(const smtp::Login& login, const wire::IpAddress& client, tcp::ConnectionId asker) {
  const auto& settings = shard_.settings->submission;
  const auto network = wire::budget_prefix(client);
  const auto* wrong = wrong_of(network);
  if (wrong != nullptr && wrong->count >= settings.failures) {
    ++shard_.counters.shard.logins_blocked;
    return false;
  }
  const Open open{++last_, asker, network, shard_.now.instant + settings.login_timeout};
  if (open_.size() >= settings.waiting || !shard_.logins_of.ask(open.ticket, login)) {
    ++shard_.counters.shard.logins_full;
    return false;
  }
  open_.push_back(open);
  return true;
}

void Logins::forget(tcp::ConnectionId asker) {
  std::erase_if(open_, [&](const Open& open) { return open.asker == asker; });
}

void Logins::answer(const Open& open, smtp::LoginAnswer answer) {
  // Only inbound sessions ask.
  if (auto* session = shard_.find(open.asker)) static_cast<Inbound*>(session)->login_checked(answer);
}

void Logins::pump() {
  LoginTicket ticket = 0;
  auto said = smtp::LoginAnswer::try_later;
  while (shard_.logins_of.ready(ticket, said)) {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.ticket == ticket; });
    if (found == open_.end()) continue;  // too late, or the session is gone
    const auto open = *found;
    open_.erase(found);
    if (said == smtp::LoginAnswer::wrong) note_wrong(open.network);
    answer(open, said);
  }
  while (!open_.empty() && open_.front().until <= shard_.now.instant) {
    const auto open = open_.front();
    open_.pop_front();
    ++shard_.counters.shard.logins_unanswered;
    answer(open, smtp::LoginAnswer::try_later);
  }
}

Instant Logins::next_deadline() const {
  // Answers come through a ring: they are looked for.
  return open_.empty() ? kNever : shard_.now.instant + std::chrono::milliseconds(5);
}

}  // namespace postern::shard
