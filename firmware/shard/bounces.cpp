#include "firmware/shard/bounces.hpp"

#include <algorithm>
#include <utility>

#include "firmware/mail/dsn.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

constexpr std::size_t kFullMost = 64 * 1024;  // of a message that comes back whole

mail::DsnRecipient told(const spool::Spool::Settled& entry, mail::DsnAction action) {
  return {.recipient = entry.recipient,
          .action = action,
          .code = entry.verdict.code,
          .status = entry.verdict.status,
          .text = entry.verdict.text,
          .host = entry.verdict.host};
}

std::vector<spool::Spool::Settled> refuse_all(const spool::Owed& owed, std::string_view status,
                                              std::string_view text) {
  std::vector<spool::Spool::Settled> failed;
  for (const auto recipient : owed.recipients) {
    spool::Verdict verdict{.kind = spool::Verdict::Kind::failed, .code = 0};
    verdict.status = status;
    verdict.text = text;
    failed.push_back({recipient, std::move(verdict)});
  }
  return failed;
}

void add(std::vector<mail::DsnRecipient>& list, const std::vector<spool::Spool::Settled>& entries,
         mail::DsnAction action) {
  for (const auto& entry : entries) list.push_back(told(entry, action));
}

}  // namespace

// RFC 5321 §4.5.4.1, RFC 3464 §2.3.3 "delayed": once per message, after some hours.
void Bounces::report(Attempt& attempt) {
  const auto& owed = attempt.owed;
  Pending pending{.owed = owed, .settled = std::move(attempt.settled), .told = std::move(attempt.relayed)};
  const auto after = shard_.settings->outbound.delay_notice;
  if (after > Duration{0} && !owed.delay_told && shard_.now.wall >= owed.born + after) {
    for (const auto& entry : pending.settled) {
      if (entry.verdict.kind == spool::Verdict::Kind::deferred)
        pending.told.push_back(told(entry, mail::DsnAction::delayed));
    }
  }
  add(pending.told, attempt.failed, mail::DsnAction::failed);
  pending.settled.insert(pending.settled.end(), attempt.failed.begin(), attempt.failed.end());
  begin(std::move(pending));
}

void Bounces::expire(const spool::Owed& owed) {
  // RFC 3463 §3.5: delivery time expired.
  auto failed = owed.returned ? refuse_all(owed, "5.7.1", "the postmaster sent it back")
                              : refuse_all(owed, "5.4.7", "it could not be delivered in the time allowed");
  for (auto& entry : failed) {
    const auto* last = shard_.spool.last_verdict(owed.id, entry.recipient);
    if (last == nullptr || last->text.empty()) continue;
    entry.verdict.text += "; the last attempt said: " + last->text;
    entry.verdict.host = last->host;
  }
  Pending pending{.owed = owed, .settled = failed};
  add(pending.told, failed, mail::DsnAction::failed);
  begin(std::move(pending));
}

void Bounces::damaged(const spool::Owed& owed) {
  // RFC 3463 §3.4: other or undefined mail system status.
  auto failed =
      refuse_all(owed, "5.3.0", "it was damaged in our storage and cannot be sent; please send it again");
  Pending pending{.owed = owed, .settled = failed, .readable = false};
  add(pending.told, failed, mail::DsnAction::failed);
  begin(std::move(pending));
}

bool Bounces::works_on(spool::MessageId id) const {
  return std::any_of(pending_.begin(), pending_.end(),
                     [&](const Pending& pending) { return pending.owed.id == id; });
}

void Bounces::begin(Pending pending) {
  const auto& envelope = *pending.owed.envelope;
  const auto failures = [](const mail::DsnRecipient& one) { return one.action == mail::DsnAction::failed; };
  const bool any_failed = std::any_of(pending.told.begin(), pending.told.end(), failures);
  std::erase_if(pending.told, [&](const mail::DsnRecipient& one) {
    return !mail::wants_dsn(envelope, one.recipient, one.action);
  });
  if (pending.told.empty()) {
    shard_.counters.shard.bounces_dropped += any_failed ? 1 : 0;
    return settle(pending);
  }
  if (!go_on(pending)) pending_.push_back(std::move(pending));
}

void Bounces::settle(const Pending& pending) {
  shard_.spool.settle(pending.owed.id, pending.settled, shard_.now);
}

bool Bounces::go_on(Pending& pending) {
  const auto& owed = pending.owed;
  if (!pending.readable) return compose(pending, {});
  const Bytes head = shard_.spool.body(owed.id, 0);
  if (head.empty() && owed.bytes > 0) return false;  // body_ready or body_failed will come
  return compose(pending, head);
}

// The original waits for its next attempt; one that cannot be read is set aside already and comes again by
// itself.
void Bounces::give_up(const Pending& pending, std::string_view why) {
  if (!pending.readable) return;
  std::vector<spool::Spool::Settled> delivered;
  for (const auto& entry : pending.settled) {
    if (entry.verdict.kind == spool::Verdict::Kind::delivered) delivered.push_back(entry);
  }
  if (!delivered.empty()) shard_.spool.note(pending.owed.id, delivered, shard_.now);
  shard_.spool.release(pending.owed.id, shard_.now, why);
}

bool Bounces::compose(Pending& pending, Bytes head) {
  const auto& owed = pending.owed;
  const auto size = owed.bytes - std::min<std::uint64_t>(owed.marks.front, owed.bytes);
  head = head.first(static_cast<std::size_t>(std::min<std::uint64_t>(head.size(), size)));
  const auto boundary = "postern-" + spool::text(owed.id) + "-" + std::to_string(owed.attempts);
  const auto& settings = shard_.settings->server;
  const auto dsn = mail::build_dsn({.envelope = owed.envelope,
                                    .recipients = pending.told,
                                    .original = head,
                                    .original_complete = head.size() == size,
                                    // RFC 8689 §5: no more of it than needed.
                                    .full_limit = owed.envelope->require_tls ? 0 : kFullMost,
                                    .host_name = settings.host_name,
                                    .boundary = boundary,
                                    .now = shard_.now.wall,
                                    .retry_until = owed.expires});
  auto envelope = mail::dsn_envelope(*owed.envelope, dsn, shard_.now.wall);
  envelope.helo = settings.host_name;
  // RFC 8689 §5: a report about it is protected as it was.
  envelope.require_tls = owed.envelope->require_tls;
  const auto notice = shard_.spool.begin(envelope, shard_.now);
  if (!notice) {
    give_up(pending, "no room for the bounce");
    return true;
  }
  pending.notice = *notice;
  return sign(pending, dsn.message);
}

// True where the job is over, because there is no room.
bool Bounces::sign(const Pending& pending, std::string_view message) {
  if (shard_.spool.append(pending.notice, as_bytes(message)) < message.size()) {
    shard_.spool.abandon(pending.notice);
    give_up(pending, "no room for the bounce");
    return true;
  }
  if (shard_.keys.empty()) return store(pending, {});
  dkim::MessageHash hash(shard_.settings->signing.canonical);
  hash.feed(as_bytes(message));
  const auto fields =
      shard_.signings.sign(hash, {.kind = Signings::Asker::Kind::bounce, .message = pending.notice});
  return fields && store(pending, *fields);
}

// The signature is stored behind the message and goes out in front. True where the job is over.
bool Bounces::store(const Pending& pending, std::string_view fields) {
  if (shard_.spool.append(pending.notice, as_bytes(fields)) < fields.size()) {
    shard_.spool.abandon(pending.notice);
    give_up(pending, "no room for the bounce");
    return true;
  }
  shard_.spool.finish(pending.notice, shard_.now, {.front = static_cast<std::uint32_t>(fields.size())});
  return false;
}

void Bounces::message_signed(spool::MessageId notice, std::string_view fields) {
  const auto mine = std::find_if(pending_.begin(), pending_.end(),
                                 [&](const Pending& pending) { return pending.notice == notice; });
  if (mine != pending_.end() && store(*mine, fields)) pending_.erase(mine);
}

void Bounces::finish(Pending& pending, bool stored) {
  if (!stored) {
    give_up(pending, "the bounce could not be stored");
    return;
  }
  count(pending);
  settle(pending);
}

void Bounces::count(const Pending& pending) {
  const auto& owed = pending.owed;
  auto& counters = shard_.counters.shard;
  const auto tells = [&](mail::DsnAction action) {
    return std::any_of(pending.told.begin(), pending.told.end(),
                       [&](const mail::DsnRecipient& one) { return one.action == action; });
  };
  const bool failed = tells(mail::DsnAction::failed);
  const bool delayed = tells(mail::DsnAction::delayed);
  counters.messages_bounced += failed ? 1 : 0;
  counters.delays_told += delayed ? 1 : 0;
  counters.relays_told += tells(mail::DsnAction::relayed) ? 1 : 0;
  if (delayed) shard_.spool.delay_told(owed.id);
  if (!failed && !delayed) return;
  const auto sender = owed.envelope->sender.text();
  const auto first = *std::find_if(pending.told.begin(), pending.told.end(), [&](const auto& one) {
    return one.action == (failed ? mail::DsnAction::failed : mail::DsnAction::delayed);
  });
  const auto recipient = owed.envelope->recipients[first.recipient].path.text();
  shard_.outcomes.tell({.kind = failed ? Outcome::Kind::bounced : Outcome::Kind::delayed,
                        .when = shard_.now.wall,
                        .id = owed.id,
                        .bytes = owed.bytes,
                        .recipients = static_cast<std::uint32_t>(pending.told.size()),
                        .code = first.code,
                        .sender = sender,
                        .recipient = recipient,
                        .reply = first.text,
                        .host = first.host});
}

bool Bounces::on_spool(const spool::Event& event) {
  const auto mine = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return event.id != 0 &&
           (pending.notice == event.id || (pending.notice == 0 && pending.owed.id == event.id));
  });
  if (mine == pending_.end()) return false;
  auto pending = std::move(*mine);
  pending_.erase(mine);
  switch (event.kind) {
    case spool::EventKind::body_ready:
      if (!go_on(pending)) pending_.push_back(std::move(pending));
      break;
    case spool::EventKind::body_failed:
      // The words of the original are lost, the news is not: report without its header.
      pending.readable = false;
      if (!compose(pending, {})) pending_.push_back(std::move(pending));
      break;
    case spool::EventKind::stored:
    case spool::EventKind::not_stored:
      finish(pending, event.kind == spool::EventKind::stored);
      break;
    case spool::EventKind::room:
      pending_.push_back(std::move(pending));
      break;
  }
  return true;
}

}  // namespace postern::shard
