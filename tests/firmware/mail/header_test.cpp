// The header section: counted while it streams, read when complete.
#include <string>

#include "firmware/mail/header.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::mail;

namespace {

const std::string kSection =
    "Received: from a by b;\r\n\tSun\r\n"
    "received : again\r\n"
    "RECEIVED:\r\n"
    "Received-SPF: pass\r\n"
    "X-Received: no\r\n"
    "Receive: no\r\n"
    "Subject: Received: no\r\n"
    " Received: folded\r\n";

HeaderWatch watched(std::string_view text, std::size_t piece) {
  HeaderWatch watch;
  for (std::size_t at = 0; at < text.size(); at += piece) watch.feed(as_bytes(text.substr(at, piece)));
  return watch;
}

}  // namespace

TEST_GROUP(header_watch){};

TEST(header_watch, counts_received_fields_and_bytes_however_cut) {
  const std::string text = kSection + "\r\nReceived: in the body\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const HeaderWatch watch = watched(text, piece);
    CHECK(watch.over());
    LONGS_EQUAL(3, watch.received());
    LONGS_EQUAL(kSection.size() + 2, watch.bytes());
  }
}

TEST(header_watch, a_line_that_is_no_field_ends_the_section) {
  CHECK(watched("Subject: x\r\nno field here\r\n", 3).over());
  CHECK(watched("From someone Sun Nov 22\r\n", 100).over());
  CHECK(!watched("Subject: x\r\nTo: y\r\n", 3).over());
}

TEST_GROUP(header_reader){};

TEST(header_reader, gives_fields_unfolded) {
  const std::string text = "Subject: a\r\n\t b \r\nTo:x@y.example\nEmpty:\r\n\r\nbody";
  HeaderReader reader(text);
  HeaderField field;
  CHECK(reader.next(field));
  STRCMP_EQUAL("Subject", std::string(field.name).c_str());
  STRCMP_EQUAL("a\t b", field.unfolded().c_str());
  CHECK(reader.next(field));
  STRCMP_EQUAL("x@y.example", field.unfolded().c_str());
  CHECK(reader.next(field));
  STRCMP_EQUAL("", field.unfolded().c_str());
  CHECK(!reader.next(field));
  LONGS_EQUAL(text.size() - 6, reader.consumed());
}

TEST(header_reader, finds_by_name_in_any_case) {
  HeaderField field;
  CHECK(find_header(kSection, "SUBJECT", field));
  CHECK(!find_header(kSection, "To", field));
  LONGS_EQUAL(kSection.size(), header_section(kSection + "\r\nSubject: body\r\n").size());
}
