// Which certificates of clients the settings let count as a login.
#include "firmware/dataplane/control_link/settings_map.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

const std::vector<std::string> kPorts{"wan", "lan"};

dataplane::DataplaneSettings mapped(ipc::SettingValues values, const ipc::Credentials& credentials = {}) {
  const auto settings = dataplane::map_settings({3, std::move(values)}, credentials, kPorts);
  CHECK_TEXT(settings.has_value(), settings ? "" : settings.error().reason.c_str());
  return *settings;
}

std::string fault_of(ipc::SettingValues values) {
  const auto settings = dataplane::map_settings({3, std::move(values)}, {}, kPorts);
  return settings ? "" : settings.error().reason;
}

}  // namespace

TEST_GROUP(SubmissionMap){};

TEST(SubmissionMap, client_certificates_are_named_by_authority_and_by_pin) {
  CHECK(!mapped({}).shard.submission.client_authority);
  ipc::Credentials credentials;
  credentials.client_anchors_pem = "anchors";
  const std::string hex = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fFF";
  std::string colons;
  for (std::size_t i = 0; i < hex.size(); i += 2) colons += (i == 0 ? "" : ":") + hex.substr(i, 2);
  const auto submission = mapped({{"submission.client_names", "desk.example\nann@example.org"},
                                  {"submission.client_pins", "printer " + hex + "\nscanner " + colons}},
                                 credentials)
                              .shard.submission;
  CHECK(submission.client_authority);
  LONGS_EQUAL(2, submission.client_names.size());
  LONGS_EQUAL(2, submission.client_pins.size());
  STRCMP_EQUAL("scanner", submission.client_pins[1].user.c_str());
  CHECK(submission.client_pins[0].sha256 == submission.client_pins[1].sha256);
  LONGS_EQUAL(0xff, submission.client_pins[0].sha256[31]);
  for (const auto& bad : {std::string("printer"), "printer " + hex.substr(2), "printer " + hex + "00",
                          "printer x" + hex.substr(1), "printer " + hex + " more"}) {
    CHECK_TEXT(fault_of({{"submission.client_pins", bad}}).starts_with("submission.client_pins holds"),
               bad.c_str());
  }
}
