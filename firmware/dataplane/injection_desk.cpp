#include "firmware/dataplane/injection_desk.hpp"

#include <algorithm>
#include <utility>

#include "firmware/mail/path.hpp"

namespace postern::dataplane {

void InjectionDesk::take(const ipc::Inject& inject, process::Mapping message) {
  if (under_way_.count(inject.ticket) != 0) return;
  if (was_stored(inject.ticket))
    return tell_({.ticket = inject.ticket, .stored = true, .again = false, .why = {}});
  if (under_way_.size() >= kMostUnderWay) return refuse(inject.ticket, true, "too many wait already");
  const auto from = mail::parse_path(inject.from, false);
  const auto to = mail::parse_path(inject.to, false);
  if (!from || !to || to->domain.empty()) return refuse(inject.ticket, false, "its addresses are not right");
  auto entry = std::make_unique<Entry>();
  entry->message = std::move(message);
  entry->injection.ticket = inject.ticket;
  entry->injection.message = std::as_const(entry->message).bytes();
  auto& envelope = entry->injection.envelope;
  envelope.sender = *from;
  envelope.recipients.push_back({.path = *to, .original = {}});
  envelope.esmtp = true;
  envelope.declared_size = entry->injection.message.size();
  if (!give_(entry->injection)) return refuse(inject.ticket, true, "the core is busy");
  under_way_.emplace(inject.ticket, std::move(entry));
}

void InjectionDesk::answered(const shard::Injected& answer) {
  using Kind = shard::Injected::Kind;
  under_way_.erase(answer.ticket);
  if (answer.kind != Kind::stored) return refuse(answer.ticket, answer.kind == Kind::later, answer.why);
  stored_.push_back(answer.ticket);
  if (stored_.size() > kRemembered) stored_.pop_front();
  tell_({.ticket = answer.ticket, .stored = true, .again = false, .why = {}});
}

bool InjectionDesk::was_stored(std::uint64_t ticket) const {
  return std::find(stored_.begin(), stored_.end(), ticket) != stored_.end();
}

void InjectionDesk::refuse(std::uint64_t ticket, bool again, std::string_view why) {
  tell_({.ticket = ticket, .stored = false, .again = again, .why = std::string(why)});
}

}  // namespace postern::dataplane
