// Delivery reports: who gets one, and what it says.
#include <string>

#include "firmware/mail/dsn.hpp"
#include "firmware/mail/quoted_printable.hpp"
#include "firmware/mail/xtext.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::mail;

namespace {

const std::string kOriginal = "From: a@sender.example\r\nSubject: hello\r\n\r\nText of the message.\r\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(dsn) {
  Envelope envelope;
  std::vector<DsnRecipient> reported;
  DsnFacts facts;

  void setup() override {
    envelope.sender = {"a", "sender.example"};
    envelope.recipients.push_back({{"user", "example.org"}, 0, {}});
    envelope.recipients.push_back({{"other", "example.org"}, 0, {}});
    envelope.arrival = WallTime{} + std::chrono::seconds(1795357989);
    reported.push_back({0, DsnAction::failed, 550, "5.1.1", "no such user", "office.example"});
    facts.envelope = &envelope;
    facts.original = as_bytes(kOriginal);
    facts.host_name = "mx.example";
    facts.boundary = "b-4711";
    facts.now = envelope.arrival + std::chrono::seconds(10);
  }

  Dsn build() {
    facts.recipients = reported;
    return build_dsn(facts);
  }
};

TEST(dsn, a_bounce_says_what_happened_twice_and_returns_the_header) {
  const Dsn dsn = build();
  STRCMP_EQUAL(
      "From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
      "To: <a@sender.example>\r\n"
      "Subject: Undelivered mail returned to sender\r\n"
      "Date: Sun, 22 Nov 2026 14:33:19 +0000\r\n"
      "Message-ID: <b-4711@mx.example>\r\n"
      "Auto-Submitted: auto-replied\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=delivery-status;\r\n"
      "\tboundary=\"=_b-4711\"\r\n"
      "\r\n"
      "--=_b-4711\r\n"
      "Content-Type: text/plain; charset=us-ascii\r\n"
      "Content-Description: What happened\r\n"
      "Content-Transfer-Encoding: 7bit\r\n"
      "\r\n"
      "This is the mail gateway mx.example.\r\n"
      "\r\n"
      "Your message could not be delivered to the recipients listed below.\r\n"
      "It will not be tried again.\r\n"
      "\r\n"
      "<user@example.org>\r\n"
      "    office.example said:\r\n"
      "    550 5.1.1 no such user\r\n"
      "\r\n"
      "What you can do: check the address for typing errors, and read what the\r\n"
      "other side said. If it does not help, reach the recipient another way or\r\n"
      "ask the postmaster there.\r\n"
      "\r\n"
      "--=_b-4711\r\n"
      "Content-Type: message/delivery-status\r\n"
      "Content-Description: Delivery report\r\n"
      "Content-Transfer-Encoding: 7bit\r\n"
      "\r\n"
      "Reporting-MTA: dns;mx.example\r\n"
      "Arrival-Date: Sun, 22 Nov 2026 14:33:09 +0000\r\n"
      "\r\n"
      "Final-Recipient: rfc822;user@example.org\r\n"
      "Action: failed\r\n"
      "Status: 5.1.1\r\n"
      "Remote-MTA: dns;office.example\r\n"
      "Diagnostic-Code: smtp;550 5.1.1 no such user\r\n"
      "\r\n"
      "--=_b-4711\r\n"
      "Content-Type: text/rfc822-headers\r\n"
      "Content-Description: Header of your message\r\n"
      "Content-Transfer-Encoding: 7bit\r\n"
      "\r\n"
      "From: a@sender.example\r\n"
      "Subject: hello\r\n"
      "\r\n"
      "--=_b-4711--\r\n",
      dsn.message.c_str());
  CHECK(!dsn.eight_bit);
}

TEST(dsn, the_null_sender_gets_none) {
  envelope.sender = {};
  CHECK(!may_bounce(envelope));
  CHECK(build().message.empty());
}

TEST(dsn, never_means_never) {
  envelope.recipients[0].notify = kNotifyNever;
  CHECK(build().message.empty());
  envelope.recipients[0].notify = kNotifySuccess | kNotifyDelay;
  CHECK(build().message.empty());
  envelope.recipients[0].notify = kNotifyFailure;
  CHECK(!build().message.empty());
}

TEST(dsn, delay_and_success_are_told_to_whom_wants_to_know) {
  CHECK(wants_dsn(envelope, 0, DsnAction::delayed));
  CHECK(!wants_dsn(envelope, 0, DsnAction::relayed));
  envelope.recipients[0].notify = kNotifySuccess;
  CHECK(!wants_dsn(envelope, 0, DsnAction::delayed));
  CHECK(wants_dsn(envelope, 0, DsnAction::relayed));
  CHECK(!wants_dsn(envelope, 7, DsnAction::failed));
}

TEST(dsn, only_those_who_want_it_are_named) {
  envelope.recipients[1].notify = kNotifyNever;
  reported.push_back({1, DsnAction::failed, 550, "5.1.1", "gone", "office.example"});
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "user@example.org"));
  CHECK(!contains(dsn.message, "other@example.org"));
}

TEST(dsn, a_delay_says_until_when_we_try) {
  reported[0] = {0, DsnAction::delayed, 451, "4.3.2", "try later", "office.example"};
  facts.retry_until = envelope.arrival + std::chrono::hours(120);
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "Subject: Delivery of your mail is delayed\r\n"));
  CHECK(contains(dsn.message, "Action: delayed\r\nStatus: 4.3.2\r\n"));
  CHECK(contains(dsn.message, "Will-Retry-Until: Fri, 27 Nov 2026 14:33:09 +0000\r\n"));
  CHECK(contains(dsn.message, "you do not have to send it again"));
}

TEST(dsn, a_relayed_message_is_no_failure) {
  envelope.recipients[0].notify = kNotifySuccess;
  reported[0] = {0, DsnAction::relayed, 250, "2.0.0", "queued", "office.example"};
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "Subject: Your mail was handed on\r\n"));
  CHECK(contains(dsn.message, "Action: relayed\r\nStatus: 2.0.0\r\n"));
}

TEST(dsn, envelope_id_and_original_recipient_lose_their_xtext) {
  envelope.envelope_id = "id+3D7";
  envelope.recipients[0].original = "rfc822;list+2Bx+40example.org";
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "Original-Envelope-Id: id=7\r\n"));
  CHECK(contains(dsn.message, "Original-Recipient: rfc822;list+x@example.org\r\nFinal-Recipient:"));
}

TEST(dsn, nothing_in_it_can_forge_a_field) {
  envelope.envelope_id = "a+0D+0AX-Evil:+20yes";
  envelope.recipients[0].original = "rfc822;a+0D+0AX-Evil:+20yes";
  reported[0].text = "no\r\nX-Evil: yes\r\n\r\n--=_b-4711--";
  reported[0].host = "h\r\nX-Evil: yes";
  reported[0].status = "5.1.1\r\nX-Evil: yes";
  const Dsn dsn = build();
  CHECK(!contains(dsn.message, "\nX-Evil"));
  CHECK(contains(dsn.message, "Status: 5.0.0\r\n"));
}

TEST(dsn, ret_full_returns_a_small_message_whole) {
  envelope.ret = Return::full;
  facts.original_complete = true;
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "Content-Type: message/rfc822\r\n"));
  CHECK(contains(dsn.message, kOriginal));
  facts.full_limit = 10;
  CHECK(contains(build().message, "Content-Type: text/rfc822-headers\r\n"));
}

TEST(dsn, an_eight_bit_original_makes_an_eight_bit_report) {
  envelope.ret = Return::full;
  facts.original_complete = true;
  const std::string original = "Subject: x\r\n\r\ncaf\xc3\xa9\r\n";
  facts.original = as_bytes(original);
  const Dsn dsn = build();
  CHECK(dsn.eight_bit);
  CHECK(dsn_envelope(envelope, dsn, facts.now).body == Body::eight_bit_mime);
}

TEST(dsn, an_eight_bit_header_travels_quoted_printable) {
  const std::string original = "Subject: caf\xc3\xa9\r\n\r\n";
  facts.original = as_bytes(original);
  const Dsn dsn = build();
  CHECK(is_seven_bit_text(dsn.message));
  CHECK(contains(dsn.message, "Subject: caf=C3=A9\r\n"));
}

TEST(dsn, a_header_of_any_shape_makes_seven_bit_text) {
  const std::string original = "Subject: " + std::string(3000, 'x') + "\nTo: a\rb\n";
  facts.original = as_bytes(original);
  CHECK(is_seven_bit_text(build().message));
}

TEST(dsn, addresses_outside_ascii_are_escaped) {
  envelope.recipients[0].path.local = "j\xc3\xbcrgen";
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "Final-Recipient: utf-8;j\\x{FC}rgen@example.org\r\n"));
  CHECK(!dsn.smtputf8);
}

TEST(dsn, mail_that_came_with_smtputf8_is_reported_in_global_parts) {
  envelope.smtputf8 = true;
  envelope.recipients[0].path.local = "j\xc3\xbcrgen+x";
  facts.original = as_bytes("Subject: gr\xc3\xbc\xc3\x9f\x65\r\n\r\nbody\r\n");
  facts.original_complete = true;
  const Dsn dsn = build();
  CHECK(contains(dsn.message, "multipart/report; report-type=global-delivery-status;"));
  CHECK(contains(dsn.message, "Content-Type: text/plain; charset=utf-8\r\n"));
  CHECK(contains(dsn.message, "\r\n<j\xc3\xbcrgen+x@example.org>\r\n"));
  CHECK(contains(dsn.message, "Content-Type: message/global-delivery-status\r\n"));
  CHECK(contains(dsn.message, "Final-Recipient: utf-8;j\xc3\xbcrgen\\x{2B}x@example.org\r\n"));
  CHECK(contains(dsn.message, "Content-Type: message/global-headers\r\n"));
  CHECK(contains(dsn.message, "Subject: gr\xc3\xbc\xc3\x9f\x65\r\n"));
  CHECK(!contains(dsn.message, "rfc822-headers"));
  CHECK(dsn.eight_bit);
  CHECK(!dsn.smtputf8);  // its own header is ASCII: the sender's address is
  envelope.ret = Return::full;
  CHECK(contains(build().message, "Content-Type: message/global\r\n"));
}

TEST(dsn, a_global_report_to_an_internationalised_sender_needs_smtputf8) {
  envelope.smtputf8 = true;
  envelope.sender.local = "j\xc3\xbc";
  const Dsn dsn = build();
  CHECK(dsn.smtputf8);
  CHECK(contains(dsn.message, "To: <j\xc3\xbc@sender.example>\r\n"));
}

TEST(dsn, the_report_goes_from_nobody_to_the_sender) {
  const Envelope made = dsn_envelope(envelope, build(), facts.now);
  CHECK(made.sender.is_null());
  LONGS_EQUAL(1, made.recipients.size());
  STRCMP_EQUAL("a@sender.example", made.recipients[0].path.text().c_str());
  CHECK(!may_bounce(made));
}

TEST_GROUP(encodings){};

TEST(encodings, xtext_both_ways) {
  STRCMP_EQUAL("a+2Bb+3D+20c", to_xtext("a+b= c").c_str());
  STRCMP_EQUAL("a+b= c", from_xtext("a+2Bb+3D+20c").c_str());
  CHECK(!is_xtext("a+2b"));
  CHECK(!is_xtext("a+2"));
  CHECK(!is_xtext("a b"));
}

TEST(encodings, original_recipients) {
  CHECK(is_original_recipient("rfc822;a@b.example", false));
  CHECK(!is_original_recipient("a@b.example", false));
  CHECK(!is_original_recipient(";a", false));
  CHECK(!is_original_recipient("rfc822;", false));
  CHECK(!is_original_recipient("utf-8;j\xc3\xbc@b.example", false));
  CHECK(is_original_recipient("utf-8;j\xc3\xbc@b.example", true));
}

TEST(encodings, quoted_printable_lines_are_short) {
  const std::string text = quoted_printable(std::string(500, 'x') + " \r\nb=\xc3\xa9\tc\t");
  std::size_t line = 0;
  for (std::size_t end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", line)) {
    CHECK(end - line <= 76);
    line = end + 2;
  }
  CHECK(text.ends_with("=20\r\nb=3D=C3=A9\tc=09\r\n"));
}

TEST(encodings, text_that_needs_none) {
  CHECK(is_seven_bit_text("a\r\nb\r\n"));
  CHECK(!is_seven_bit_text("a\nb"));
  CHECK(!is_seven_bit_text("a\rb"));
  CHECK(!is_seven_bit_text(std::string(999, 'x')));
  CHECK(!is_seven_bit_text("\xc3\xa9"));
  CHECK(is_eight_bit_text("\xc3\xa9"));
}
