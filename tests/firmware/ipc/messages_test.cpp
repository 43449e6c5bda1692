// The messages between the planes: what is written is read; what is cut, foreign or out of range is not.
#include "firmware/ipc/command.hpp"
#include "firmware/ipc/credentials.hpp"
#include "firmware/ipc/reporting.hpp"
#include "firmware/ipc/hello.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/publish.hpp"
#include "firmware/ipc/report.hpp"
#include "firmware/ipc/tickets.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::ipc;

namespace {

Bytes body_of(const std::vector<std::uint8_t>& message, MessageKind kind) {
  MessageFault fault{};
  const auto view = open_message(message, fault);
  CHECK(view.has_value());
  CHECK(view->kind == kind);
  return view->body;
}

TicketKey key(std::uint8_t mark) {
  TicketKey one;
  one.name.fill(mark);
  one.secret.fill(static_cast<std::uint8_t>(mark + 1));
  return one;
}

}  // namespace

TEST_GROUP(Messages){};

TEST(Messages, a_hello_arrives_as_it_was_sent) {
  Hello hello{"1.2.3", 4711, 3, 99, 12, {}, 5};
  hello.digest[31] = 7;
  const auto message = write(hello);
  const auto read = read_hello(body_of(message, MessageKind::hello));
  CHECK(read.has_value());
  STRCMP_EQUAL("1.2.3", read->version.c_str());
  LONGS_EQUAL(4711, read->pid);
  LONGS_EQUAL(3, read->shards);
  LONGS_EQUAL(12, read->generation);
  LONGS_EQUAL(7, read->digest[31]);
}

TEST(Messages, a_hello_of_no_or_too_many_shards_is_not_believed) {
  for (const std::uint32_t shards : {0u, 257u, 0xffffffffu}) {
    const auto message = write(Hello{"1", 1, shards, 0, 0, {}, 0});
    CHECK(!read_hello(body_of(message, MessageKind::hello)));
  }
}

TEST(Messages, every_cut_of_every_form_is_refused) {
  const auto cut = [](const std::vector<std::uint8_t>& message, auto read) {
    for (std::size_t length = 8; length < message.size(); ++length) {
      MessageFault fault{};
      const auto view = open_message(Bytes(message).first(length), fault);
      CHECK(view && !read(view->body));
    }
  };
  cut(write(Hello{"1", 1, 1, 0, 0, {}, 0}), read_hello);
  cut(write(Publish{3, {}}), read_publish);
  cut(write(Tickets{{key(1), key(2)}}), read_tickets);
  cut(write(Report{Phase::running, 1, 1, 1, 0}), read_report);
  cut(write(Refuse{1, "why"}), read_refuse);
  cut(write(LogLine{Level::info, "text"}), read_log_line);
  cut(write(Command{Verb::hurry}), read_command);
}

TEST(Messages, foreign_headers_are_told_apart) {
  auto message = write(Command{Verb::hurry});
  MessageFault fault{};
  message[3] = 77;
  CHECK(!open_message(message, fault));
  CHECK(fault == MessageFault::other_version);
  message[3] = kMessageVersion;
  message[5] = 200;
  CHECK(!open_message(message, fault));
  CHECK(fault == MessageFault::unknown_kind);
  message[0] = 0;
  CHECK(!open_message(message, fault));
  CHECK(fault == MessageFault::not_ours);
}

TEST(Messages, numbers_out_of_range_are_refused) {
  Writer report;
  report.number(std::uint8_t{9});
  for (int i = 0; i < 2; ++i) report.number(std::uint64_t{0});
  report.number(std::uint64_t{0});
  CHECK(!read_report(report.bytes()));
  const std::uint8_t verb[] = {0};
  CHECK(!read_command(verb));
}

TEST(Messages, a_log_line_is_one_printable_line) {
  const auto message = write(LogLine{Level::warning, "a\nb\x1b[31m" + std::string(5000, 'x')});
  const auto line = read_log_line(body_of(message, MessageKind::log_line));
  CHECK(line->text.starts_with("a?b?[31m"));
  LONGS_EQUAL(1000, line->text.size());
  CHECK(message.size() <= kMostMessageBytes);
}

TEST_GROUP(TicketMessages){};

TEST(TicketMessages, newer_keys_go_in_front_and_the_oldest_falls_out) {
  const auto merged = merge(Tickets{{key(9)}}, Tickets{{key(1), key(2), key(3)}});
  LONGS_EQUAL(3, merged.keys.size());
  CHECK(merged.keys[0] == key(9));
  CHECK(merged.keys[2] == key(2));
}

TEST(TicketMessages, a_key_told_twice_is_kept_once) {
  const auto merged = merge(Tickets{{key(9), key(1)}}, Tickets{{key(1), key(2)}});
  LONGS_EQUAL(3, merged.keys.size());
  CHECK(merged.keys[2] == key(2));
}

TEST_GROUP(ReportMessages){};

TEST(ReportMessages, what_is_written_is_read_and_every_cut_refused) {
  const auto body = [](const std::vector<std::uint8_t>& packet) {
    MessageFault fault{};
    const auto message = open_message(packet, fault);
    CHECK(message.has_value());
    return std::vector<std::uint8_t>(message->body.begin(), message->body.end());
  };
  const auto mail = body(write(ReportMail{3, 77}));
  CHECK(read_report_mail(mail)->shard == 3 && read_report_mail(mail)->ticket == 77);
  const auto kept = body(write(ReportKept{2, 78, true}));
  CHECK(read_report_kept(kept)->shard == 2 && read_report_kept(kept)->ticket == 78 && read_report_kept(kept)->kept);
  for (std::size_t n = 0; n < mail.size(); ++n) CHECK(!read_report_mail(Bytes(mail).first(n)));
  for (std::size_t n = 0; n < kept.size(); ++n) CHECK(!read_report_kept(Bytes(kept).first(n)));
}

TEST_GROUP(CredentialsBlock){};

TEST(CredentialsBlock, what_is_written_is_read) {
  Credentials from{{{{"a.example", "*.b.example"}, "chain", "key"}, {{}, "c2", "k2"}},
                   "anchors",
                   {{"a.example", "s1", "signing-key", true}}};
  from.client_anchors_pem = "client anchors";
  const auto read = read_credentials(write_credentials(from));
  CHECK(read.has_value());
  LONGS_EQUAL(2, read->certificates.size());
  STRCMP_EQUAL("*.b.example", read->certificates[0].names[1].c_str());
  STRCMP_EQUAL("key", read->certificates[0].key_pem.c_str());
  STRCMP_EQUAL("anchors", read->trust_anchors_pem.c_str());
  STRCMP_EQUAL("client anchors", read->client_anchors_pem.c_str());
  LONGS_EQUAL(1, read->signing_keys.size());
  STRCMP_EQUAL("s1", read->signing_keys[0].selector.c_str());
  STRCMP_EQUAL("signing-key", read->signing_keys[0].key_pem.c_str());
  CHECK(read->signing_keys[0].tls_reports_only);
}

TEST(CredentialsBlock, every_cut_is_refused) {
  const auto whole =
      write_credentials({{{{"a.example"}, "chain", "key"}}, "anchors", {{"a.example", "s1", "key"}}});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK(!read_credentials(Bytes(whole).first(length)).has_value());
  }
}

TEST(CredentialsBlock, wiping_takes_the_keys_away) {
  Credentials one{{{{}, "chain", "secret-key-text"}}, "", {{"a.example", "s1", "secret-key-text"}}};
  one.wipe();
  CHECK(one.signing_keys[0].key_pem.empty());
  CHECK(one.certificates[0].key_pem.empty());
}
