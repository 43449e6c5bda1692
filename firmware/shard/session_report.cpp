#include "firmware/shard/session_report.hpp"

#include "firmware/shard/outbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {
namespace {

using policy::PolicyType;
using policy::ResultType;
using Stage = Trouble::Stage;

struct Words {
  ResultType result;
  std::string_view code;
};

// What a judgement of the certificate is called. RFC 8460 §4.3.2, §4.3.2.2.
Words words_of(tls::Judgement judgement, bool dane) {
  using J = tls::Judgement;
  switch (judgement) {
    case J::met:
      return {ResultType::success, ""};
    case J::name_mismatch:
      return {ResultType::certificate_host_mismatch, ""};
    case J::expired:
      return {ResultType::certificate_expired, ""};
    case J::not_trusted:
      return {ResultType::certificate_not_trusted, ""};
    case J::no_match:
      return {ResultType::validation_failure, "dane-no-match"};
    case J::no_certificate:
      return {ResultType::validation_failure, "no-certificate"};
    case J::invalid:
      return {ResultType::validation_failure, "certificate-invalid"};
    case J::not_judged:
      break;
  }
  return {ResultType::validation_failure, dane ? "dane-not-judged" : "certificate-not-judged"};
}

// Where the session ended before a certificate was seen.
Words words_of(const Outbound& session, const Trouble* trouble) {
  if (trouble == nullptr) {
    return session.secured() ? Words{ResultType::success, ""} : Words{ResultType::starttls_not_supported, ""};
  }
  switch (trouble->stage) {
    case Stage::connect:
      return {ResultType::validation_failure, "connection-failed"};
    case Stage::hello:
      return {ResultType::validation_failure, "session-refused"};
    case Stage::tls:
      return !session.tls_facts().failure.empty()
                 ? Words{ResultType::validation_failure, "tls-handshake-failed"}
                 : Words{ResultType::starttls_not_supported, ""};
    case Stage::extension:
      return {ResultType::success, ""};  // TLS itself was as promised
    case Stage::local:
      return {ResultType::validation_failure, "sender-out-of-memory"};
    case Stage::demand:
    case Stage::message:
      break;
  }
  return {ResultType::success, ""};
}

policy::Finding final_finding(const policy::Finding& before, const tls::Verdict& verdict,
                              const Words& session, bool dane, bool broke) {
  // What was wrong before the connection is not mended by it.
  if (before.result != ResultType::success) return before;
  auto finding = before;
  auto words = session;
  // A judged certificate says more than the session's end, except where TLS broke with a good one.
  const bool own = before.policy != PolicyType::no_policy_found;
  const bool judged = verdict.judgement != tls::Judgement::not_judged;
  if (own && judged && !(broke && verdict.judgement == tls::Judgement::met))
    words = words_of(verdict.judgement, dane);
  finding.result = words.result;
  if (!words.code.empty() || words.result != ResultType::success) finding.code = words.code;
  return finding;
}

Outcome outcome_for(Shard::State& shard, const Part* part, const policy::Demand& demand) {
  Outcome outcome{.kind = Outcome::Kind::session, .when = shard.now.wall};
  if (part != nullptr) {
    outcome.id = part->owed().id;
    outcome.session.tls_required_no = part->owed().marks.tls_required_no;
    outcome.session.is_report = part->owed().marks.report;
  }
  outcome.insisted = demand.reason;
  outcome.session.present = true;
  outcome.session.insist = demand.insist;
  return outcome;
}

}  // namespace

void report_session(Shard::State& shard, const Outbound& session, const Trouble* trouble, const Part* part) {
  const auto& target = session.target();
  if (target.domain.empty()) return;  // rerouted: no domain's policy was applied
  const auto facts = session.tls_facts();
  const auto words = words_of(session, trouble);
  auto outcome = outcome_for(shard, part, target.decided);
  outcome.code = trouble == nullptr ? std::uint16_t{220} : trouble->result.code;
  outcome.peer = target.endpoint.address;
  outcome.tls_version = facts.version;
  outcome.tls_cipher = facts.cipher;
  outcome.reply = trouble == nullptr ? std::string_view("ready") : std::string_view(trouble->result.text);
  outcome.host = target.host;
  outcome.domain = target.domain;
  auto& told = outcome.session;
  told.connected = session.connected();
  told.secured = session.secured();
  told.facts_learned = target.facts_learned;
  told.local = session.local();
  const bool broke = trouble != nullptr && trouble->stage == Stage::tls;
  told.dane = final_finding(target.decided.dane, facts.dane, words, true, broke);
  told.sts = final_finding(target.decided.sts, facts.web_pki, words, false, broke);
  told.sts_id = target.sts_id;
  told.mx_host = target.host;
  told.helo = session.client().server_name();
  told.information = facts.failure.empty() ? outcome.reply : facts.failure;
  shard.outcomes.tell(outcome);
}

void report_barred(Shard::State& shard, std::string_view domain, const Plan& plan, const Barred& barred,
                   const Part* part) {
  auto outcome = outcome_for(shard, part, barred.demand);
  outcome.code = 451;
  outcome.reply = barred.demand.reason;
  outcome.host = barred.host;
  outcome.domain = domain;
  auto& told = outcome.session;
  told.facts_learned = plan.learned;
  told.dane = barred.demand.dane;
  told.sts = barred.demand.sts;
  told.sts_id = plan.sts_id;
  told.mx_host = barred.host;
  told.information = barred.detail;
  shard.outcomes.tell(outcome);
}

}  // namespace postern::shard
