// One place that turns what went wrong into a line of text and a counter.
#include "firmware/tls/state.hpp"

namespace postern::tls {
namespace {

struct AlertName {
  int code;
  std::string_view name;
};
// RFC 8446 §6, RFC 5246 §7.2, RFC 7301 §3.2.
constexpr AlertName kAlerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {22, "record_overflow"},
    {40, "handshake_failure"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {112, "unrecognized_name"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

std::string alert_name(int code) {
  for (const auto& alert : kAlerts) {
    if (alert.code == code) return std::string(alert.name);
  }
  return "alert " + std::to_string(code);
}

struct Cause {
  int error;
  Counter Counters::*counter;
  std::string_view text;  // empty: the library's own words
};
constexpr Cause kCauses[] = {
    {VERSION_ERROR, &Counters::failed_version, "no common TLS version"},
    {MATCH_SUITE_ERROR, &Counters::failed_no_common_suite, "no common cipher suite"},
    {UNSUPPORTED_SUITE, &Counters::failed_no_common_suite, "no common cipher suite"},
    {ECC_CURVE_ERROR, &Counters::failed_no_common_suite, "no common group"},
    {ECC_CURVETYPE_ERROR, &Counters::failed_no_common_suite, "no common group"},
    {INVALID_PARAMETER, &Counters::failed_protocol, {}},
    {BAD_KEY_SHARE_DATA, &Counters::failed_no_common_suite, "no common group"},
    {VERIFY_MAC_ERROR, &Counters::failed_bad_record, "a record did not decrypt"},
    {DECRYPT_ERROR, &Counters::failed_bad_record, "a record did not decrypt"},
    {AES_GCM_AUTH_E, &Counters::failed_bad_record, "a record did not decrypt"},
    {MAC_CMP_FAILED_E, &Counters::failed_bad_record, "a record did not decrypt"},
    {UNKNOWN_RECORD_TYPE, &Counters::failed_not_tls, "the peer sent bytes that are no TLS record"},
    {MEMORY_E, &Counters::failed_arena_full, "no memory for the TLS session"},
    {MEMORY_ERROR, &Counters::failed_arena_full, "no memory for the TLS session"},
};

}  // namespace

void Session::State::note_alerts() {
  WOLFSSL_ALERT_HISTORY history{};
  wolfSSL_get_alert_history(ssl.get(), &history);
  if (history.last_tx.level == alert_fatal) ++core.counters.alerts_sent;
  if (history.last_rx.level == alert_fatal) ++core.counters.alerts_received;
}

// Ends the session. Its memory goes back at once; the text stays.
Status Session::State::fail(Counter& cause, std::string_view why) {
  ++cause;
  phase = Phase::failed;
  failure = why;
  ssl.reset();
  gather.clear();
  return Status::failed;
}

Status Session::State::fail_from_library(int error) {
  note_alerts();
  auto& count = core.counters;
  if (!unmet.empty()) return fail(count.failed_certificate, unmet);
  WOLFSSL_ALERT_HISTORY history{};
  wolfSSL_get_alert_history(ssl.get(), &history);
  if (error == FATAL_ERROR || history.last_rx.level == alert_fatal) {
    return fail(count.failed_alert_received,
                "the peer sent a fatal alert: " + alert_name(history.last_rx.code));
  }
  for (const auto& known : kCauses) {
    if (known.error == error && !known.text.empty()) return fail(count.*known.counter, known.text);
  }
  std::array<char, WOLFSSL_MAX_ERROR_SZ> words{};
  wolfSSL_ERR_error_string_n(static_cast<unsigned long>(error), words.data(), words.size());
  return fail(count.failed_protocol,
              words[0] != '\0' ? words.data() : "the TLS library gave up without a reason");
}

}  // namespace postern::tls
