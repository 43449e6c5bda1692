#include "firmware/shard/injections.hpp"

#include <algorithm>
#include <utility>

#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

constexpr std::uint32_t kLineLimit = 998;  // RFC 5322 §2.1.1

const char* fault_of(smtp::ScanKind kind) {
  switch (kind) {
    case smtp::ScanKind::bare_cr:
      return "it has a CR without LF";
    case smtp::ScanKind::bare_lf:
      return "it has an LF without CR";
    case smtp::ScanKind::nul:
      return "it has a NUL";
    case smtp::ScanKind::line_too_long:
      return "it has a line of more than 998 bytes";
    default:
      return nullptr;
  }
}

// What is wrong with this piece; null where nothing is.
const char* look(smtp::TextScanner& scanner, Bytes piece) {
  while (true) {
    const auto scan = scanner.next(piece);
    if (scan.kind == smtp::ScanKind::need_more) return nullptr;
    if (const auto* why = fault_of(scan.kind)) return why;
  }
}

}  // namespace

void Injections::take(const Injection& injection) {
  if (jobs_.size() >= kMost) {
    answers_.push_back({injection.ticket, Injected::Kind::later, "too many wait already"});
    return;
  }
  Job job;
  job.injection = &injection;
  job.rest = injection.message;
  job.scanner = smtp::TextScanner(false, kLineLimit);
  jobs_.push_back(std::move(job));
}

void Injections::pump() {
  if (!busy()) return;
  auto& job = jobs_.front();
  if (job.step == Step::waiting) return begin(job);
  if (!keep(job)) return;
  if (job.step == Step::front) return store(job);
  go_on(job);
}

void Injections::begin(Job& job) {
  auto envelope = job.injection->envelope;
  envelope.helo = shard_.settings->server.host_name;
  envelope.arrival = shard_.now.wall;
  const auto begun = shard_.spool.accepting() ? shard_.spool.begin(envelope, shard_.now)
                                              : Result<spool::MessageId>(fail("no room"));
  if (!begun) {
    ++shard_.counters.shard.no_space;
    return answer(Injected::Kind::later, "the queue has no room");
  }
  job.id = *begun;
  job.began = shard_.now.instant;
  job.hash = std::make_unique<dkim::MessageHash>(shard_.settings->signing.canonical);
  job.step = Step::text;
}

void Injections::go_on(Job& job) {
  if (job.rest.empty()) return end_text(job);
  job.piece = job.rest.first(std::min(job.rest.size(), kPiece));
  job.rest = job.rest.subspan(job.piece.size());
  if (const auto* why = look(job.scanner, job.piece)) {
    shard_.spool.abandon(job.id);
    return answer(Injected::Kind::never, why);
  }
  job.hash->feed(job.piece);
  job.header.feed(job.piece);
}

void Injections::end_text(Job& job) {
  if (!job.scanner.complete()) {
    shard_.spool.abandon(job.id);
    return answer(Injected::Kind::never, fault_of(smtp::ScanKind::bare_cr));
  }
  if (shard_.keys.empty()) return add_front(job, {});
  const auto fields =
      shard_.signings.sign(*job.hash, {.kind = Signings::Asker::Kind::injection, .message = job.id});
  if (fields) {
    add_front(job, *fields);
  } else {
    job.step = Step::signing;
  }
}

void Injections::add_front(Job& job, std::string_view fields) {
  job.fields = fields;
  job.piece = as_bytes(job.fields);
  job.step = Step::front;
}

void Injections::message_signed(spool::MessageId message, std::string_view fields) {
  if (jobs_.empty() || jobs_.front().id != message || jobs_.front().step != Step::signing) return;
  add_front(jobs_.front(), fields);
}

void Injections::store(Job& job) {
  job.step = Step::storing;
  shard_.spool.finish(job.id, shard_.now,
                      {.tls_required_no = job.header.tls_required_no(),
                       .report = job.header.tls_report(),
                       .front = static_cast<std::uint32_t>(job.fields.size())});
}

// True where nothing of the piece is left.
bool Injections::keep(Job& job) {
  const auto taken = shard_.spool.append(job.id, job.piece);
  job.bytes += taken;
  job.piece = job.piece.subspan(taken);
  blocked_ = !job.piece.empty();
  return !blocked_;
}

bool Injections::on_spool(const spool::Event& event) {
  if (jobs_.empty() || event.id == 0 || jobs_.front().id != event.id) return false;
  if (event.kind == spool::EventKind::stored) {
    tell(jobs_.front());
    ++shard_.counters.shard.messages_injected;
    answer(Injected::Kind::stored, "");
  } else if (event.kind == spool::EventKind::not_stored) {
    ++(event.no_space ? shard_.counters.shard.no_space : shard_.counters.shard.store_failed);
    answer(Injected::Kind::later, event.no_space ? "the queue has no room" : "the disk failed");
  }
  return true;
}

void Injections::tell(const Job& job) {
  const auto& envelope = job.injection->envelope;
  const auto sender = envelope.sender.text();
  const auto recipient = envelope.recipients.front().path.text();
  shard_.outcomes.tell({.kind = Outcome::Kind::accepted,
                        .when = shard_.now.wall,
                        .id = job.id,
                        .bytes = job.bytes,
                        .took = shard_.now.instant - job.began,
                        .recipients = static_cast<std::uint32_t>(envelope.recipients.size()),
                        .code = 250,
                        .sender = sender,
                        .recipient = recipient,
                        .reply = "durable; written by this box"});
}

void Injections::answer(Injected::Kind kind, const char* why) {
  answers_.push_back({jobs_.front().injection->ticket, kind, why});
  jobs_.pop_front();
  blocked_ = false;
}

bool Injections::next(Injected& answer) {
  if (answers_.empty()) return false;
  answer = answers_.front();
  answers_.pop_front();
  return true;
}

}  // namespace postern::shard
