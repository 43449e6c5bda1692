#include "firmware/dataplane/outcome_teller.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace postern::dataplane {
namespace {

// Cut to fit, always zero-terminated.
template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  const std::size_t length = std::min(text.size(), N - 1);
  std::memcpy(to, text.data(), length);
  std::memset(to + length, 0, N - length);
}

ipc::OutcomeKind kind_of(shard::Outcome::Kind kind) {
  using From = shard::Outcome::Kind;
  switch (kind) {
    case From::accepted:
      return ipc::OutcomeKind::accepted;
    case From::delivered:
      return ipc::OutcomeKind::delivered;
    case From::deferred:
      return ipc::OutcomeKind::deferred;
    case From::bounced:
      return ipc::OutcomeKind::bounced;
    case From::refused:
      return ipc::OutcomeKind::refused;
    case From::session:
      return ipc::OutcomeKind::session;
    case From::delayed:
      return ipc::OutcomeKind::delayed;
    case From::held:
      return ipc::OutcomeKind::held;
    case From::released:
      return ipc::OutcomeKind::released;
    case From::hurried:
      return ipc::OutcomeKind::hurried;
    case From::rerouted:
      return ipc::OutcomeKind::rerouted;
    case From::returned:
      return ipc::OutcomeKind::returned;
    case From::dropped:
      return ipc::OutcomeKind::dropped;
  }
  return ipc::OutcomeKind::refused;
}

void put(ipc::PolicyOutcome& to, const policy::Finding& from) {
  to.policy = static_cast<std::uint8_t>(from.policy);
  to.result = static_cast<std::uint8_t>(from.result);
  put(to.code, from.code);
}

void put(ipc::SessionOutcome& to, const shard::SessionTold& from) {
  to.present = from.present ? 1 : 0;
  to.tls_required_no = from.tls_required_no ? 1 : 0;
  to.is_report = from.is_report ? 1 : 0;
  to.connected = from.connected ? 1 : 0;
  to.secured = from.secured ? 1 : 0;
  to.insist = static_cast<std::uint8_t>(from.insist);
  to.facts_learned_ns = from.facts_learned;
  std::memcpy(to.local, from.local.bytes.data(), sizeof to.local);
  put(to.dane, from.dane);
  put(to.sts, from.sts);
  put(to.sts_id, from.sts_id);
  put(to.mx_host, from.mx_host);
  put(to.helo, from.helo);
  put(to.information, from.information);
}

}  // namespace

void OutcomeTeller::tell(const shard::Outcome& outcome) {
  ipc::Outcome record{};
  record.wall_ns = static_cast<std::uint64_t>(outcome.when.time_since_epoch().count());
  record.spool_id = outcome.id;
  record.bytes = outcome.bytes;
  record.duration_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(outcome.took.count(), 0));
  record.recipients = outcome.recipients;
  record.code = outcome.code;
  record.kind = kind_of(outcome.kind);
  record.shard = shard_;
  std::memcpy(record.peer, outcome.peer.bytes.data(), sizeof record.peer);
  put(record.tls_version, outcome.tls_version);
  put(record.tls_cipher, outcome.tls_cipher);
  put(record.sender, outcome.sender);
  put(record.recipient, outcome.recipient);
  put(record.reply, outcome.reply);
  put(record.host, outcome.host);
  put(record.domain, outcome.domain);
  put(record.insisted, outcome.insisted);
  if (outcome.session.present) put(record.session, outcome.session);
  if (!ring_.push(record)) ++lost_;
}

}  // namespace postern::dataplane
