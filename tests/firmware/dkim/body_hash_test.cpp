// Canonical bodies, held against digests of the text they should become.
#include <string>

#include "firmware/dkim/base64.hpp"
#include "firmware/dkim/body_hash.hpp"
#include "firmware/dkim/message_hash.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::dkim;

namespace {

std::string of(std::string_view text) {
  Hasher hash;
  hash.feed(text);
  return to_base64(hash.finish());
}

std::string hashed(std::string_view body, Canonical form, std::size_t piece = 1000) {
  BodyHash hash(form);
  for (std::size_t at = 0; at < body.size(); at += piece) hash.feed(as_bytes(body.substr(at, piece)));
  return to_base64(hash.finish());
}

void becomes(std::string_view body, Canonical form, std::string_view canonical) {
  for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
    CHECK_EQUAL(of(canonical), hashed(body, form, piece));
  }
}

}  // namespace

TEST_GROUP(DkimBodyHash){};

TEST(DkimBodyHash, the_example_of_the_rfc_is_met) {
  // RFC 6376 §3.4.5
  becomes(" C \r\nD \t E\r\n\r\n\r\n", Canonical::relaxed, " C\r\nD E\r\n");
  becomes(" C \r\nD \t E\r\n\r\n\r\n", Canonical::simple, " C \r\nD \t E\r\n");
}

TEST(DkimBodyHash, an_empty_body_is_nothing_or_one_line_end) {
  becomes("", Canonical::relaxed, "");
  becomes("", Canonical::simple, "\r\n");
  becomes("\r\n\r\n", Canonical::relaxed, "");
  becomes("\r\n\r\n", Canonical::simple, "\r\n");
  becomes(" \t\r\n", Canonical::relaxed, "");
  becomes("  ", Canonical::relaxed, "");
}

TEST(DkimBodyHash, a_last_line_without_an_end_gets_one) {
  becomes("a", Canonical::relaxed, "a\r\n");
  becomes("a", Canonical::simple, "a\r\n");
  becomes("a \t", Canonical::relaxed, "a\r\n");
}

TEST(DkimBodyHash, empty_lines_inside_count) {
  becomes("a\r\n\r\n\r\nb\r\n", Canonical::relaxed, "a\r\n\r\n\r\nb\r\n");
  becomes("\r\n\r\nb", Canonical::simple, "\r\n\r\nb\r\n");
  becomes("a\r\n \r\nb\r\n", Canonical::relaxed, "a\r\n\r\nb\r\n");
}

TEST(DkimBodyHash, a_line_end_cut_in_half_is_an_ordinary_character) {
  becomes("a\rb\nc\r\n", Canonical::relaxed, "a\rb\nc\r\n");
  becomes("a\r\r\n", Canonical::simple, "a\r\r\n");
  becomes("a \r b\r\n", Canonical::relaxed, "a \r b\r\n");
  becomes("a\r", Canonical::relaxed, "a\r\r\n");
}

TEST(DkimBodyHash, long_lines_and_many_empty_ones_go_through_the_buffer) {
  const std::string line(5000, 'x');
  std::string many = "a";
  for (int i = 0; i < 3000; ++i) many += "\r\n";
  becomes(line, Canonical::relaxed, line + "\r\n");
  becomes(many + "b", Canonical::simple, many + "b\r\n");
  becomes(many, Canonical::simple, "a\r\n");
}

TEST(DkimBodyHash, the_object_is_as_new_afterwards) {
  BodyHash hash(Canonical::relaxed);
  hash.feed(as_bytes("first \r\n\r\n"));
  hash.finish();
  hash.feed(as_bytes("second"));
  CHECK_EQUAL(of("second\r\n"), to_base64(hash.finish()));
}

TEST_GROUP(DkimMessageHash){};

TEST(DkimMessageHash, header_and_body_part_wherever_the_message_is_cut) {
  const std::string message = "From: a@b.example\r\nTo: c\r\n\r\nbody\r\n";
  for (std::size_t piece = 1; piece < message.size(); ++piece) {
    MessageHash hash;
    for (std::size_t at = 0; at < message.size(); at += piece)
      hash.feed(as_bytes(std::string_view(message).substr(at, piece)));
    CHECK_EQUAL(std::string("From: a@b.example\r\nTo: c\r\n"), std::string(hash.header()));
    CHECK_EQUAL(of("body\r\n"), to_base64(hash.finish()));
  }
}

TEST(DkimMessageHash, a_message_may_be_without_header_or_body) {
  MessageHash bare;
  bare.feed(as_bytes("\r\nbody\r\n"));
  CHECK_EQUAL(std::string(), std::string(bare.header()));
  CHECK_EQUAL(of("body\r\n"), to_base64(bare.finish()));
  MessageHash headed;
  headed.feed(as_bytes("From: a\r\n"));
  CHECK_EQUAL(std::string("From: a\r\n"), std::string(headed.header()));
  CHECK_EQUAL(of(""), to_base64(headed.finish()));
}

TEST(DkimMessageHash, a_header_beyond_the_limit_is_not_kept) {
  MessageHash hash(Canonical::relaxed, 10);
  hash.feed(as_bytes("From: a long one\r\n\r\nbody"));
  CHECK(hash.too_long());
  CHECK(hash.header().empty());
  MessageHash fits(Canonical::relaxed, 10);
  fits.feed(as_bytes("From: ab\r\n\r\nbody"));
  CHECK_FALSE(fits.too_long());
}
