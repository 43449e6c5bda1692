// What transcripts cannot say about a Server: bounds, time and the verb table.
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"
#include "tests/firmware/smtp/server_driver.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::test {
namespace {

smtp::ServerSettings settings() {
  smtp::ServerSettings settings;
  settings.host_name = "mx.example";
  settings.served_domains = {"example.org"};
  return settings;
}

}  // namespace

TEST_GROUP(server) {
  smtp::Counters counters;
  Now now{Instant{} + std::chrono::hours(1), WallTime{}};
};

TEST(server, waiting_replies_are_bounded_when_the_client_does_not_read) {
  const auto plain = settings();
  smtp::Server session(plain, counters, {}, now);
  session.replies_sent(session.replies().size());
  std::string flood;
  for (int i = 0; i < 10000; ++i) flood += "HELP\r\n";
  Bytes input = as_bytes(flood);
  CHECK(session.feed(input, now).kind == smtp::StepKind::need_input);
  CHECK(!input.empty());
  CHECK(session.replies().size() < 10 * 1024);
  // Once the replies are gone, it goes on where it stopped.
  std::size_t rounds = 0;
  for (; !input.empty() && rounds < 10000; ++rounds) {
    session.replies_sent(session.replies().size());
    session.feed(input, now);
  }
  CHECK(input.empty());
  LONGS_EQUAL(10000, counters.commands);
}

TEST(server, nothing_is_read_while_an_answer_is_owed) {
  ServerDriver driver(settings());
  driver.answering = false;
  driver.take_replies();
  driver.give("EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nQUIT\r\n");
  CHECK(!driver.closed);
  LONGS_EQUAL(3, driver.counters.commands);
  CHECK(driver.server.deadline() == kNever);
  driver.server.recipient_checked(smtp::RecipientAnswer::known);
  driver.give("");
  CHECK(driver.closed);
}

TEST(server, an_answer_nobody_asked_for_changes_nothing) {
  ServerDriver driver(settings());
  driver.take_replies();
  driver.server.recipient_checked(smtp::RecipientAnswer::known);
  driver.server.message_begun(smtp::StoreAnswer::stored);
  driver.server.message_stored(smtp::StoreAnswer::stored, "x");
  CHECK(driver.server.replies().empty());
}

TEST(server, stopping_waits_for_the_answer_that_is_owed) {
  ServerDriver driver(settings());
  driver.take_replies();
  driver.give("EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\nx\r\n");
  driver.answering = false;
  driver.give(".\r\n");
  driver.server.shut_down();
  CHECK(driver.server.replies().empty());
  driver.server.message_stored(smtp::StoreAnswer::stored, "4711");
  STRCMP_EQUAL("250 2.6.0 queued as 4711\r\n421 4.3.2 mx.example shutting down\r\n",
               std::string(as_text(driver.server.replies())).c_str());
}

TEST(server, the_envelope_says_how_the_message_came) {
  ServerDriver driver(settings());
  driver.take_replies();
  driver.give("EHLO c.example\r\nSTARTTLS\r\n");
  driver.tls("TLSv1.3", "TLS_AES_128_GCM_SHA256");
  driver.give("EHLO d.example\r\nMAIL FROM:<A@Example.COM> SIZE=3 BODY=8BITMIME RET=FULL ENVID=x\r\n");
  driver.give("RCPT TO:<a@example.org> NOTIFY=NEVER\r\nDATA\r\nx\r\n.\r\n");
  LONGS_EQUAL(1, driver.stored.size());
  const mail::Envelope& envelope = driver.stored[0].envelope;
  STRCMP_EQUAL("A@example.com", envelope.sender.text().c_str());
  STRCMP_EQUAL("d.example", envelope.helo.c_str());
  STRCMP_EQUAL("TLSv1.3", envelope.tls_version.c_str());
  STRCMP_EQUAL("TLS_AES_128_GCM_SHA256", envelope.tls_cipher.c_str());
  STRCMP_EQUAL("192.0.2.1", envelope.client.text().c_str());
  STRCMP_EQUAL("x", envelope.envelope_id.c_str());
  CHECK(envelope.esmtp);
  CHECK(envelope.body == mail::Body::eight_bit_mime);
  CHECK(envelope.ret == mail::Return::full);
  CHECK(envelope.arrival == driver.now.wall);
  LONGS_EQUAL(3, envelope.declared_size);
  LONGS_EQUAL(mail::kNotifyNever, envelope.recipients[0].notify);
}

TEST(server, every_refusal_has_its_reply_and_its_counter) {
  for (std::size_t i = 1; i < static_cast<std::size_t>(smtp::Refusal::kinds); ++i) {
    const smtp::RefusalReply& reply = smtp::reply_for(static_cast<smtp::Refusal>(i));
    LONGS_EQUAL(i, reply.refusal);
    CHECK(reply.counter != nullptr);
    // RFC 3463 §2: the enhanced code is of the same class as the code.
    CHECK(reply.code.size() >= 9 && reply.code[0] == reply.code[4] && reply.code[3] == ' ');
    CHECK(!reply.text.empty());
  }
}

TEST(server, every_verb_is_found_in_any_case_and_no_other) {
  for (const char* const text : {"EHLO", "helo", "Mail", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT",
                                 "VRFY", "HELP", "starttls", "AUTH"}) {
    CHECK(smtp::find_verb(text) != nullptr);
  }
  for (const char* const text : {"", "EHL", "EHLOO", "MAI", "XYZ"}) CHECK(smtp::find_verb(text) == nullptr);
}

}  // namespace postern::test
