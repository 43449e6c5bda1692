// A line of the message log.
#include "firmware/control/outcomes/outcome_text.hpp"

#include <cstring>

#include "firmware/policy/decide/decide.hpp"
#include "firmware/policy/tlsrpt/result.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

ipc::Outcome session_to(const char* domain) {
  ipc::Outcome outcome{};
  outcome.kind = ipc::OutcomeKind::session;
  std::strcpy(outcome.domain, domain);
  std::strcpy(outcome.host, "mx1.example.net");
  outcome.session.present = 1;
  outcome.session.insist = static_cast<std::uint8_t>(policy::Insist::dane);
  outcome.session.dane.policy = static_cast<std::uint8_t>(policy::PolicyType::tlsa);
  outcome.session.dane.result = static_cast<std::uint8_t>(policy::ResultType::validation_failure);
  return outcome;
}

}  // namespace

TEST_GROUP(OutcomeText){};

TEST(OutcomeText, a_session_tells_how_both_policies_fared) {
  const auto line = control::outcome_json(session_to("example.net"));
  CHECK(line["result"] == "session");
  CHECK(line["host"] == "mx1.example.net");
  CHECK(line["session"]["insist"] == policy::name_of(policy::Insist::dane));
  CHECK(line["session"]["dane"]["policy"] == "tlsa");
  CHECK(line["session"]["dane"]["result"] == "validation-failure");
  CHECK(line["session"]["sts"]["result"] == "");
}

TEST(OutcomeText, mail_to_the_office_has_no_words_about_the_internet) {
  const auto line = control::outcome_json(ipc::Outcome{});
  CHECK_FALSE(line.contains("session"));
  CHECK_FALSE(line.contains("why"));
}

TEST(OutcomeText, control_characters_never_reach_the_log) {
  ipc::Outcome outcome = session_to("example.net");
  std::strcpy(outcome.session.information, "bad\nline\x7f");
  CHECK(control::outcome_json(outcome)["session"]["information"] == "bad?line?");
}
