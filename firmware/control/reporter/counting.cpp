#include "firmware/control/reporter/counting.hpp"

#include <cstring>

#include "firmware/mail/domain.hpp"
#include "firmware/mail/text.hpp"
#include "firmware/wire/address.hpp"

namespace postern::reporter {
namespace {

template <std::size_t N>
std::string text(const char (&field)[N]) {
  return mail::printable(std::string_view(field, ::strnlen(field, N)), N);
}

// RFC 8460 §4.4 wants domains as A-labels; what is no domain is not counted, as it could not be reported.
template <std::size_t N>
std::string domain(const char (&field)[N]) {
  auto name = mail::to_a_labels(text(field));
  if (name.ends_with('.')) name.pop_back();
  return mail::is_domain(name, false) ? name : std::string();
}

std::string address(const std::uint8_t (&bytes)[16]) {
  static constexpr std::uint8_t kNone[16] = {};
  if (std::memcmp(bytes, kNone, sizeof kNone) == 0) return {};
  const auto shown = wire::IpAddress::v6(bytes).text();
  return shown == "0.0.0.0" ? std::string() : shown;
}

bool add_one(const ipc::Outcome& outcome, const ipc::PolicyOutcome& policy, Counted one,
             std::vector<Counted>& to) {
  if (policy.policy > static_cast<std::uint8_t>(policy::PolicyType::sts) ||
      policy.result > static_cast<std::uint8_t>(policy::ResultType::sts_webpki_invalid)) {
    return false;
  }
  const auto& session = outcome.session;
  one.policy = static_cast<policy::PolicyType>(policy.policy);
  one.result = static_cast<policy::ResultType>(policy.result);
  // RFC 8689 §3: the sender did not want TLS to matter, so its failure is no failure of the domain.
  if (one.result != policy::ResultType::success && session.tls_required_no != 0) return false;
  if (one.result != policy::ResultType::success) {
    one.detail = {.sending_ip = address(session.local),
                  .mx_host = text(session.mx_host),
                  .mx_helo = text(session.helo),
                  .receiving_ip =
                      session.connected != 0 || outcome.peer[15] != 0 ? address(outcome.peer) : std::string(),
                  .information = text(session.information),
                  .code = text(policy.code)};
  }
  to.push_back(std::move(one));
  return true;
}

}  // namespace

void add_counted(const ipc::Outcome& outcome, std::vector<Counted>& to) {
  if (outcome.kind != ipc::OutcomeKind::session || outcome.session.present == 0 ||
      outcome.session.is_report != 0)
    return;
  Counted one;
  one.day = static_cast<Day>(outcome.wall_ns / 1'000'000'000 / kDaySeconds);
  one.recipient = domain(outcome.domain);
  if (one.recipient.empty()) return;
  one.domain = one.recipient;
  add_one(outcome, outcome.session.sts, one, to);
  if (const auto host = domain(outcome.session.mx_host); !host.empty()) {
    one.domain = host;
    one.host = true;
  }
  add_one(outcome, outcome.session.dane, one, to);
}

}  // namespace postern::reporter
