// An outcome as JSON: see the header.
#include "firmware/control/outcomes/outcome_text.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "firmware/policy/decide/decide.hpp"
#include "firmware/policy/tlsrpt/result.hpp"
#include "firmware/wire/address.hpp"

namespace postern::control {

namespace {

constexpr std::array<const char*, 13> kKinds{"accepted", "delivered", "deferred", "bounced",  "refused",
                                             "session",  "delayed",   "held",     "released", "hurried",
                                             "rerouted", "returned",  "dropped"};

template <std::size_t N>
std::string clean(const char (&field)[N]) {
  std::string text(field, ::strnlen(field, N));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

std::string spool_id(std::uint64_t id) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(id));
  return text.data();
}

nlohmann::ordered_json policy_json(const ipc::PolicyOutcome& outcome) {
  return {{"policy", policy::name_of(static_cast<policy::PolicyType>(outcome.policy))},
          {"result", policy::name_of(static_cast<policy::ResultType>(outcome.result))},
          {"code", clean(outcome.code)}};
}

// How both policies fared towards one host, in the words of TLS reports.
nlohmann::ordered_json session_json(const ipc::SessionOutcome& session) {
  return {{"insist", policy::name_of(static_cast<policy::Insist>(session.insist))},
          {"connected", session.connected != 0},
          {"secured", session.secured != 0},
          {"dane", policy_json(session.dane)},
          {"sts", policy_json(session.sts)},
          {"mx", clean(session.mx_host)},
          {"helo", clean(session.helo)},
          {"information", clean(session.information)}};
}

}  // namespace

std::string time_text(std::uint64_t wall_ns) {
  const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s.%03uZ", date.data(),
                static_cast<unsigned>(wall_ns / 1'000'000 % 1000));
  return text.data();
}

nlohmann::ordered_json outcome_json(const ipc::Outcome& outcome) {
  const auto kind = std::min<std::size_t>(static_cast<std::size_t>(outcome.kind), kKinds.size() - 1);
  nlohmann::ordered_json line{{"time", time_text(outcome.wall_ns)},
                              {"result", kKinds[kind]},
                              {"id", outcome.spool_id == 0 ? "" : spool_id(outcome.spool_id)},
                              {"from", clean(outcome.sender)},
                              {"to", clean(outcome.recipient)},
                              {"recipients", outcome.recipients},
                              {"bytes", outcome.bytes},
                              {"seconds", static_cast<double>(outcome.duration_ns) / 1e9},
                              {"tls", clean(outcome.tls_version)},
                              {"cipher", clean(outcome.tls_cipher)},
                              {"peer", wire::IpAddress::v6(outcome.peer).text()},
                              {"code", outcome.code},
                              {"reply", clean(outcome.reply)},
                              {"shard", outcome.shard}};
  if (outcome.domain[0] != 0) {  // of mail to the internet
    line["host"] = clean(outcome.host);
    line["domain"] = clean(outcome.domain);
    line["why"] = clean(outcome.insisted);
  }
  if (outcome.session.present != 0) line["session"] = session_json(outcome.session);
  return line;
}

}  // namespace postern::control
