#include "firmware/dataplane/queue_clerk.hpp"

#include <utility>

namespace postern::dataplane {
namespace {

WallTime wall(std::uint64_t nanoseconds) {
  return WallTime(Duration(static_cast<Duration::rep>(nanoseconds)));
}

std::uint64_t count(std::int64_t nanoseconds) {
  return nanoseconds < 0 ? 0 : static_cast<std::uint64_t>(nanoseconds);
}

shard::QueueQuestion question_of(ipc::QueueAsk&& ask) {
  shard::QueueQuestion question{.verb = static_cast<shard::QueueVerb>(ask.verb),
                                .act = ask.act,
                                .ids = std::move(ask.ids),
                                .to_domain = std::move(ask.to_domain),
                                .to = std::move(ask.to),
                                .reason = std::move(ask.reason),
                                .older = Duration(static_cast<Duration::rep>(ask.older_ns)),
                                .asked = wall(ask.asked_wall_ns),
                                .route = std::move(ask.route),
                                .who = std::move(ask.who),
                                .show = ask.show};
  if (ask.state != ipc::kAnyQueueState) question.state = static_cast<spool::Queued::State>(ask.state);
  if (!ask.any_from) question.from = std::move(ask.from);
  return question;
}

ipc::QueueAnswerEntry entry_of(const shard::QueueEntry& entry) {
  return {.id = entry.id,
          .state = static_cast<std::uint8_t>(entry.state),
          .done = entry.done,
          .born_wall_ns = count(entry.born),
          .next_wall_ns = count(entry.next),
          .bytes = entry.bytes,
          .attempts = entry.attempts,
          .owed = entry.owed,
          .from = entry.from.data(),
          .to = entry.to.data(),
          .last = entry.last.data(),
          .route = entry.route.data()};
}

}  // namespace

void QueueClerk::take(ipc::QueueAsk&& ask) {
  if (under_way_.count(ask.ticket) != 0) return;
  const auto ticket = ask.ticket;
  const auto core = ask.shard;
  auto work = std::make_unique<shard::QueueWork>();
  work->ticket = ticket;
  work->cursor = ask.cursor;
  work->question = question_of(std::move(ask));
  if (under_way_.size() >= kMostUnderWay || !give_(core, *work)) return refused(*work);
  under_way_.emplace(ticket, std::move(work));
}

void QueueClerk::refused(const shard::QueueWork& work) {
  tell_({.ticket = work.ticket, .trouble = "the core is busy, try again"});
  under_way_.erase(work.ticket);
}

void QueueClerk::answered(const shard::QueueWork& work) {
  ipc::QueueAnswer answer{.ticket = work.ticket,
                          .finished = work.finished,
                          .cursor = work.cursor,
                          .matched = work.matched,
                          .done = work.done,
                          .busy = work.busy};
  for (std::size_t i = 0; i < work.shown; ++i) answer.entries.push_back(entry_of(work.entries[i]));
  tell_(answer);
  under_way_.erase(work.ticket);
}

}  // namespace postern::dataplane
