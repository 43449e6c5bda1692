// Our trace line and its date.
#include <string>

#include "firmware/mail/date.hpp"
#include "firmware/mail/received.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::mail;

namespace {

WallTime at(long seconds) {
  return WallTime{} + std::chrono::seconds(seconds);
}

Envelope envelope() {
  Envelope made;
  const std::uint8_t address[4] = {192, 0, 2, 1};
  made.client = wire::IpAddress::v4(address);
  made.helo = "client.example";
  made.esmtp = true;
  made.recipients.push_back({{"user", "example.org"}, 0, {}});
  made.arrival = at(1795357989);
  return made;
}

}  // namespace

TEST_GROUP(received){};

TEST(received, dates_in_utc) {
  STRCMP_EQUAL("Thu, 1 Jan 1970 00:00:00 +0000", rfc5322_date(at(0)).c_str());
  STRCMP_EQUAL("Sun, 22 Nov 2026 14:33:09 +0000", rfc5322_date(at(1795357989)).c_str());
  STRCMP_EQUAL("Tue, 29 Feb 2000 23:59:59 +0000", rfc5322_date(at(951868799)).c_str());
  STRCMP_EQUAL("Wed, 31 Dec 1969 23:59:59 +0000", rfc5322_date(at(-1)).c_str());
}

TEST(received, in_clear_to_one) {
  STRCMP_EQUAL(
      "Received: from client.example ([192.0.2.1])\r\n"
      "\tby mx.example (Postern) with ESMTP id 4711\r\n"
      "\tfor <user@example.org>;\r\n"
      "\tSun, 22 Nov 2026 14:33:09 +0000\r\n",
      received_line(envelope(), "mx.example", "4711").c_str());
}

TEST(received, under_tls_to_several_names_nobody) {
  Envelope made = envelope();
  made.tls_version = "TLSv1.3";
  made.tls_cipher = "TLS_AES_128_GCM_SHA256";
  made.recipients.push_back({{"blind", "example.org"}, 0, {}});
  STRCMP_EQUAL(
      "Received: from client.example ([192.0.2.1])\r\n"
      "\tby mx.example (Postern) with ESMTPS id 4711\r\n"
      "\t(version=TLSv1.3 cipher=TLS_AES_128_GCM_SHA256);\r\n"
      "\tSun, 22 Nov 2026 14:33:09 +0000\r\n",
      received_line(made, "mx.example", "4711").c_str());
}

TEST(received, protocol_names) {
  Envelope made = envelope();
  made.smtputf8 = true;
  STRCMP_EQUAL("UTF8SMTP", std::string(transport_name(made)).c_str());
  made.tls_version = "TLSv1.3";
  STRCMP_EQUAL("UTF8SMTPS", std::string(transport_name(made)).c_str());
  made.smtputf8 = false;
  STRCMP_EQUAL("ESMTPS", std::string(transport_name(made)).c_str());
  made.esmtp = false;
  STRCMP_EQUAL("SMTP", std::string(transport_name(made)).c_str());
}

TEST(received, a_name_that_is_none_is_only_a_comment) {
  Envelope made = envelope();
  made.helo = "_odd_)name\r\nX: y";
  const std::string line = received_line(made, "mx.example", "4711");
  CHECK(line.starts_with("Received: from [192.0.2.1] ([192.0.2.1] HELO _odd_?name  X: y)\r\n"));
}

TEST(received, ipv6_literals_have_their_tag) {
  Envelope made = envelope();
  made.client = *wire::IpAddress::parse("2001:db8::1");
  made.helo = "[IPv6:2001:db8::1]";
  CHECK(received_line(made, "mx.example", "1")
            .starts_with("Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\r\n"));
}
