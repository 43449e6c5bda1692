// The part of an inbound session that has to do with its message: recipients, spooling, 250.
#include <algorithm>
#include <string>
#include <utility>

#include "firmware/mail/received.hpp"
#include "firmware/mail/tls_report.hpp"
#include "firmware/shard/inbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {

void Inbound::check_login() {
  if (shard_.logins.check(server_.login(), flow_.remote.address, channel_.id())) {
    waits_ = Waits::login;
  } else {
    server_.login_checked(smtp::LoginAnswer::try_later);
  }
}

void Inbound::login_checked(smtp::LoginAnswer answer) {
  if (waits_ != Waits::login) return;
  waits_ = Waits::nothing;
  server_.login_checked(answer);
  shard_.run_again(channel_.id());
}

// A report is for its address alone: whether the message is one is only known at its end, and then there is one
// answer for all recipients.
void Inbound::check_recipient() {
  const auto& others = server_.envelope().recipients;
  const auto is_report_address = [&](const mail::Recipient& one) { return shard_.report_desk.takes(one.path); };
  const bool mixed = !others.empty() && (shard_.report_desk.takes(server_.recipient()) ||
                                         std::any_of(others.begin(), others.end(), is_report_address));
  if (mixed) return server_.recipient_checked(smtp::RecipientAnswer::try_later, "TLS reports travel alone");
  const auto answer = shard_.recipients.check(server_.recipient(), channel_.id());
  if (answer) {
    server_.recipient_checked(*answer);
  } else {
    waits_ = Waits::recipient;
  }
}

void Inbound::recipient_checked(smtp::RecipientAnswer answer, std::string_view reason) {
  if (waits_ != Waits::recipient) return;
  waits_ = Waits::nothing;
  server_.recipient_checked(answer, reason);
  shard_.run_again(channel_.id());
}

void Inbound::begin_message() {
  began_ = shard_.now.instant;
  const auto begun = shard_.spool.accepting() ? shard_.spool.begin(server_.envelope(), shard_.now)
                                              : Result<spool::MessageId>(fail("no room"));
  if (!begun) {
    ++shard_.counters.shard.no_space;
    server_.message_begun(smtp::StoreAnswer::no_space);
    return;
  }
  message_ = *begun;
  in_message_ = true;
  message_bytes_ = 0;
  front_ = 0;
  ending_ = false;
  hash_.reset();
  if (server_.envelope().submitted && !shard_.keys.empty())
    hash_ = std::make_unique<dkim::MessageHash>(settings_->signing.canonical);
  shard_.watch(message_, channel_.id());
  server_.message_begun(smtp::StoreAnswer::stored);
  const auto& recipients = server_.envelope().recipients;
  for_reports_ = recipients.size() == 1 && shard_.report_desk.takes(recipients.front().path);
  beginning_.clear();
  // RFC 5321 §4.4: the trace line goes in front of everything.
  // A person's device is nobody's business; a server's address is.
  const bool hide = !server_.user().empty() && settings_->submission.hide_client;
  take(as_bytes(
      mail::received_line(server_.envelope(), settings_->server.host_name, spool::text(message_), hide)));
}

// Bytes of the message as it will go out.
bool Inbound::take(Bytes bytes) {
  if (hash_) hash_->feed(bytes);
  if (for_reports_ && beginning_.size() < mail::kTlsReportLook) beginning_ += as_text(bytes);
  return keep(bytes);
}

// Hands body bytes to the spool; what it has no room for waits here, and the peer's window closes meanwhile.
bool Inbound::keep(Bytes body) {
  const std::size_t taken = shard_.spool.append(message_, body);
  message_bytes_ += taken;
  if (taken == body.size()) return waits_ == Waits::nothing;
  unstored_.insert(unstored_.end(), body.begin() + taken, body.end());
  waits_ = Waits::room;
  return false;
}

// The signature is made of the whole message and goes out in front of it; it is stored behind.
void Inbound::finish_message() {
  if (is_unwanted()) {
    forget_message();
    return server_.message_stored(smtp::StoreAnswer::unwanted, {});
  }
  ending_ = true;
  if (!hash_) return store_message();
  const auto fields = shard_.signings.sign(*hash_, {.message = message_, .session = channel_.id()});
  hash_.reset();
  if (fields) {
    add_front(*fields);
  } else {
    waits_ = Waits::signature;
  }
}

void Inbound::add_front(std::string_view fields) {
  front_ = static_cast<std::uint32_t>(fields.size());
  if (keep(as_bytes(fields))) store_message();
}

void Inbound::message_signed(spool::MessageId message, std::string_view fields) {
  if (waits_ != Waits::signature || message != message_) return;
  waits_ = Waits::nothing;
  add_front(fields);
}

// RFC 8460 §5.3. Said while the sender listens, so that nobody has to be told later.
bool Inbound::is_unwanted() const {
  return for_reports_ && (message_bytes_ > kMostReportMail - 64 * 1024 || !mail::is_tls_report(beginning_));
}

void Inbound::store_message() {
  ending_ = false;
  in_message_ = false;
  waits_ = Waits::stored;
  shard_.spool.finish(
      message_, shard_.now,
      {.tls_required_no = server_.tls_required_no(), .report = server_.tls_report(), .front = front_});
}

void Inbound::forget_message() {
  if (message_ != 0) shard_.unwatch(message_, channel_.id());
  if (in_message_) shard_.spool.abandon(message_);
  unstored_.clear();
  hash_.reset();
  ending_ = false;
  if (waits_ == Waits::signature) shard_.signings.forget(message_);
  if (waits_ == Waits::room || waits_ == Waits::stored || waits_ == Waits::signature) waits_ = Waits::nothing;
  in_message_ = false;
  message_ = 0;
}

void Inbound::on_spool(const spool::Event& event) {
  if (event.kind == spool::EventKind::room) {
    if (waits_ == Waits::room) shard_.run_again(channel_.id());
    return;
  }
  if (event.id != message_ || waits_ != Waits::stored) return;
  const bool stored = event.kind == spool::EventKind::stored;
  waits_ = Waits::nothing;
  tell(stored);
  const auto answer = stored           ? smtp::StoreAnswer::stored
                      : event.no_space ? smtp::StoreAnswer::no_space
                                       : smtp::StoreAnswer::failed;
  auto& counters = shard_.counters.shard;
  ++(stored ? counters.messages_accepted : event.no_space ? counters.no_space : counters.store_failed);
  if (stored) counters.bytes_accepted += message_bytes_;
  server_.message_stored(answer, spool::text(message_));
  shard_.unwatch(message_, channel_.id());
  message_ = 0;
  shard_.run_again(channel_.id());
}

void Inbound::tell(bool stored) {
  const auto& envelope = server_.envelope();
  const auto sender = envelope.sender.text();
  std::string reply = stored ? "durable" : "not stored";
  if (!server_.user().empty()) reply += ", sent by " + server_.user();
  const auto recipient =
      envelope.recipients.empty() ? std::string() : envelope.recipients.front().path.text();
  shard_.outcomes.tell({.kind = stored ? Outcome::Kind::accepted : Outcome::Kind::refused,
                        .when = shard_.now.wall,
                        .id = message_,
                        .bytes = message_bytes_,
                        .took = shard_.now.instant - began_,
                        .recipients = static_cast<std::uint32_t>(envelope.recipients.size()),
                        .code = static_cast<std::uint16_t>(stored ? 250 : 452),
                        .peer = flow_.remote.address,
                        .tls_version = envelope.tls_version,
                        .tls_cipher = envelope.tls_cipher,
                        .sender = sender,
                        .recipient = recipient,
                        .reply = reply});
}

}  // namespace postern::shard
