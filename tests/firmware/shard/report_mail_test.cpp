// Reports about TLS that come by mail: handed to control, settled only when it has them, and never mixed with other
// mail. RFC 8460 §5.3.
#include <string>

#include "tests/firmware/shard/world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using test::World;

namespace {

constexpr const char* kReport =
    "From: reports@stranger.example\r\nTLS-Report-Domain: example.org\r\nContent-Type: multipart/report;\r\n"
    " report-type=\"tlsrpt\"; boundary=x\r\n\r\n--x\r\nContent-Type: "
    "application/tlsrpt+gzip\r\n\r\nxx\r\n--x--\r\n";

shard::Settings settings() {
  auto settings = World::default_settings();
  settings.recipients.tls_reports = "tlsrpt@example.org";
  return settings;
}

bool says(const std::string& heard, std::string_view text) {
  return heard.find(text) != std::string::npos;
}

}  // namespace

TEST_GROUP(ReportMail) {
  World world{settings()};
  const shard::ReportMail* mail = nullptr;

  std::string send(const std::string& body, const std::string& to = "TLSRPT@example.org",
                   const std::string& more = {}) {
    auto talker = world.connect();
    talker->say("EHLO stranger.example\r\nMAIL FROM:<reports@stranger.example>\r\nRCPT TO:<" + to + ">\r\n" + more +
                "DATA\r\n" + body + ".\r\nQUIT\r\n");
    world.run_until([&] { return talker->ended; });
    world.talkers.clear();
    return talker->heard;
  }
  bool handed_out(Duration limit = 30s) {
    const shard::ReportMail* next = nullptr;
    const bool came = world.run_until([&] { return (next = world.shard->next_report_mail()) != nullptr; }, limit);
    if (came) mail = next;
    return came;
  }
  void answer(bool kept) { world.shard->answer_report_mail({mail->ticket, kept}, world.now); }
};

TEST(ReportMail, a_report_goes_to_control_and_no_further) {
  CHECK(says(send(kReport), "250 2.6.0"));
  CHECK(handed_out());
  CHECK(as_text(mail->message).starts_with("Received: "));
  CHECK(as_text(mail->message).ends_with(kReport));
  LONGS_EQUAL(1, world.shard->spool().size());
  answer(true);
  CHECK(world.run_until([&] { return world.shard->spool().size() == 0; }));
  LONGS_EQUAL(1, world.counters.tls_reports_taken);
  CHECK(world.office.mails.empty());
  CHECK(!handed_out(1s));
}

TEST(ReportMail, what_control_cannot_keep_comes_again) {
  send(kReport);
  CHECK(handed_out());
  answer(false);
  CHECK(handed_out(600s));
  answer(true);
  CHECK(world.run_until([&] { return world.shard->spool().size() == 0; }));
}

TEST(ReportMail, survives_a_crash_until_control_has_it) {
  send(kReport);
  CHECK(handed_out());
  world.crash();
  CHECK(handed_out(600s));
  answer(true);
  CHECK(world.run_until([&] { return world.shard->spool().size() == 0; }));
}

TEST(ReportMail, several_come_one_after_the_other) {
  for (int i = 0; i < 3; ++i) send("X-Number: " + std::to_string(i) + "\r\n" + kReport);
  for (int i = 0; i < 3; ++i) {
    CHECK(handed_out());
    CHECK(!handed_out(1s));
    answer(true);
  }
  CHECK(world.run_until([&] { return world.shard->spool().size() == 0; }));
  LONGS_EQUAL(3, world.counters.tls_reports_taken);
}

TEST(ReportMail, what_is_no_report_is_refused_while_its_sender_listens) {
  CHECK(says(send("Subject: hello\r\n\r\nno report\r\n"), "550 5.7.1 this address takes TLS reports"));
  LONGS_EQUAL(1, world.smtp_counters.refused_no_tls_report);
  CHECK(!handed_out(1s));
  LONGS_EQUAL(0, world.shard->spool().size());
}

TEST(ReportMail, reports_travel_alone) {
  const auto heard = send(kReport, "tlsrpt@example.org", "RCPT TO:<bob@example.org>\r\n");
  CHECK(says(heard, "451 4.3.0 TLS reports travel alone"));
  CHECK(says(heard, "250 2.6.0"));
  CHECK(handed_out());
  answer(true);
  CHECK(says(send(kReport, "bob@example.org", "RCPT TO:<tlsrpt@example.org>\r\n"), "451 4.3.0"));
  CHECK(world.run_until([&] { return !world.office.mails.empty(); }));
}

TEST(ReportMail, without_the_setting_the_address_is_one_as_any) {
  World plain;
  auto talker = plain.connect();
  talker->say("EHLO stranger.example\r\nMAIL FROM:<>\r\nRCPT TO:<tlsrpt@example.org>\r\nDATA\r\nhello\r\n.\r\n");
  CHECK(plain.run_until([&] { return !plain.office.mails.empty(); }));
}
