// Mailboxes and domains as SMTP writes them.
#include <string>

#include "firmware/mail/domain.hpp"
#include "firmware/mail/path.hpp"
#include "firmware/mail/text.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::mail;

namespace {

std::string parsed(std::string_view text, bool utf8 = false) {
  const auto path = parse_path(text, utf8);
  return path ? path->local + " at " + path->domain : "refused";
}

}  // namespace

TEST_GROUP(path){};

TEST(path, plain_mailboxes) {
  STRCMP_EQUAL("user at example.org", parsed("user@example.org").c_str());
  STRCMP_EQUAL("a.b+c=d at x-1.example", parsed("a.b+c=d@X-1.Example").c_str());
  STRCMP_EQUAL("!#$%&'*/?^_`{|}~- at b.example", parsed("!#$%&'*/?^_`{|}~-@b.example").c_str());
}

TEST(path, the_null_path_and_postmaster) {
  CHECK(parse_path("", false)->is_null());
  STRCMP_EQUAL("", parse_path("", false)->text().c_str());
  STRCMP_EQUAL("POSTmaster", parse_path("POSTmaster", false)->text().c_str());
  STRCMP_EQUAL("refused", parsed("user").c_str());
}

TEST(path, quoted_local_parts_keep_their_quotes) {
  STRCMP_EQUAL("\"a b\" at c.example", parsed("\"a b\"@c.example").c_str());
  STRCMP_EQUAL("\"a@b\\\"\" at c.example", parsed("\"a@b\\\"\"@c.example").c_str());
  STRCMP_EQUAL("refused", parsed("\"a\x01\"@c.example").c_str());
  STRCMP_EQUAL("refused", parsed("\"a\\\"@c.example").c_str());
  STRCMP_EQUAL("refused", parsed("\"a\"b@c.example").c_str());
}

TEST(path, malformed_mailboxes) {
  for (const char* const text : {"@",
                                 "a@",
                                 "@b.example",
                                 "a b@c.example",
                                 ".a@b.example",
                                 "a.@b.example",
                                 "a..b@c.example",
                                 "a@b..example",
                                 "a@.example",
                                 "a@b.example.",
                                 "a@-b.example",
                                 "a@b-.example",
                                 "a@b_c.example",
                                 "a@b.example@c.example",
                                 "a<b@c.example",
                                 "a@b c.example",
                                 "a@[1.2.3]",
                                 "a@[::1]",
                                 "a@[IPv6:1.2.3.4]",
                                 "a@[192.0.2.1",
                                 "a@b.example\r\n"}) {
    STRCMP_EQUAL_TEXT("refused", parsed(text).c_str(), text);
  }
}

TEST(path, address_literals) {
  STRCMP_EQUAL("a at [192.0.2.1]", parsed("a@[192.0.2.1]").c_str());
  STRCMP_EQUAL("a at [ipv6:2001:db8::1]", parsed("a@[IPv6:2001:DB8::1]").c_str());
}

TEST(path, source_routes_are_dropped) {
  STRCMP_EQUAL("a at b.example", parsed("@x.example,@y.example:a@b.example").c_str());
  STRCMP_EQUAL("refused", parsed("@x.example a@b.example").c_str());
  STRCMP_EQUAL("refused", parsed("@:a@b.example").c_str());
}

TEST(path, lengths_are_bounded) {
  STRCMP_EQUAL("refused", parsed(std::string(257, 'a') + "@b.example").c_str());
  STRCMP_EQUAL("refused", parsed("a@" + std::string(64, 'b') + ".example").c_str());
  std::string deep = "a@";
  for (int i = 0; i < 130; ++i) deep += "b.";
  STRCMP_EQUAL("refused", parsed(deep + "example").c_str());
}

TEST(path, utf8_only_where_allowed) {
  STRCMP_EQUAL("refused", parsed("j\xc3\xbc@b.example").c_str());
  STRCMP_EQUAL("j\xc3\xbc at b\xc3\xbc.example", parsed("j\xc3\xbc@b\xc3\xbc.example", true).c_str());
  STRCMP_EQUAL("refused", parsed("j\xfc@b.example", true).c_str());
}

TEST(path, a_path_reads_back_as_itself) {
  for (const char* const text :
       {"user@example.org", "\"a b\\\\\"@c.example", "a@[192.0.2.1]", "Postmaster", ""}) {
    const auto once = parse_path(text, true);
    CHECK(*parse_path(once->text(), true) == *once);
  }
}

TEST_GROUP(domain){};

TEST(domain, a_labels_of_u_labels) {
  // RFC 3492 §7.1 has the samples (B) Chinese, (I) Russian and (L) 3<nen>B<gumi>...
  STRCMP_EQUAL("xn--bcher-kva.example", to_a_labels("b\xc3\xbc"
                                                    "cher.Example")
                                            .c_str());
  STRCMP_EQUAL("xn--ihqwcrb4cv8a8dqg056pqjye",
               to_a_labels("\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587").c_str());
  STRCMP_EQUAL(
      "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
      to_a_labels(
          "\u043f\u043e\u0447\u0435\u043c\u0443\u0436\u0435\u043e\u043d\u0438\u043d\u0435\u0433\u043e\u0432"
          "\u043e\u0440\u044f\u0442\u043f\u043e\u0440\u0443\u0441\u0441\u043a\u0438")
          .c_str());
}

TEST(domain, what_is_no_domain_has_no_a_labels) {
  STRCMP_EQUAL("", to_a_labels("a\xff.example").c_str());
  STRCMP_EQUAL("", to_a_labels("a..example").c_str());
  std::string endless;
  for (int i = 0; i < 60; ++i) endless += "\u4ed6\u0436";
  STRCMP_EQUAL("", to_a_labels(endless).c_str());
}

TEST(domain, equal_domains) {
  CHECK(same_domain("Example.ORG", "example.org"));
  CHECK(
      same_domain("b\xc3\xbc"
                  "cher.example",
                  "XN--BCHER-KVA.example"));
  CHECK(!same_domain("example.org", "example.net"));
  CHECK(!same_domain("b\xff.example", "b\xff.examplf"));
}

TEST_GROUP(text){};

TEST(text, printable_text_has_no_controls) {
  STRCMP_EQUAL("a b  [0m?\xc3\xa9", printable("a\tb\r\x1b[0m\xff\xc3\xa9").c_str());
  STRCMP_EQUAL("a??", printable_ascii("a\xc3\xa9\xe2\x82\xac").c_str());
  // C1 controls are controls too.
  STRCMP_EQUAL("a b", printable("a\xc2\x9b"
                                "b")
                          .c_str());
}

TEST(text, printable_text_is_cut_between_characters) {
  STRCMP_EQUAL("aa", printable("aa\xc3\xa9", 3).c_str());
  STRCMP_EQUAL("aa\xc3\xa9", printable("aa\xc3\xa9", 4).c_str());
}

TEST(text, utf8_by_the_book) {
  CHECK(is_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xac"));
  for (const char* const text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80",
                                 "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xc3", "\xe2\x82"}) {
    CHECK(!is_utf8(text));
  }
}
