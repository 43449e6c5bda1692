#include "firmware/shard/client_certificate.hpp"

#include <algorithm>

#include "firmware/mail/text.hpp"

namespace postern::shard {
namespace {

bool may_send(const SubmissionSettings& settings, std::string_view identity) {
  const auto& names = settings.client_names;
  return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return mail::equals_ignoring_case(name, identity);
         });
}

Counter Counters::*counter_of(tls::Judgement judgement) {
  switch (judgement) {
    case tls::Judgement::expired:
      return &Counters::certificates_expired;
    case tls::Judgement::not_trusted:
    case tls::Judgement::not_judged:
      return &Counters::certificates_untrusted;
    default:
      return &Counters::certificates_unfit;
  }
}

}  // namespace

Standing standing_of(const tls::ClientCertificate& certificate, const SubmissionSettings& settings) {
  if (!certificate.sent) return {};
  for (const auto& pin : settings.client_pins) {
    if (pin.sha256 == certificate.sha256 || pin.sha256 == certificate.spki_sha256) {
      return {pin.user, {}, &Counters::certificate_logins};
    }
  }
  const auto judgement = certificate.verdict.judgement;
  if (judgement != tls::Judgement::met || !settings.client_authority) {
    const auto why = certificate.verdict.reason;
    return {{}, why.empty() ? "no authority for clients is configured" : why, counter_of(judgement)};
  }
  if (certificate.identity.empty()) return {{}, "it names nobody", &Counters::certificates_nobody};
  if (!may_send(settings, certificate.identity)) {
    return {{}, "the one it names may not send here", &Counters::certificates_nobody};
  }
  return {certificate.identity, {}, &Counters::certificate_logins};
}

}  // namespace postern::shard
