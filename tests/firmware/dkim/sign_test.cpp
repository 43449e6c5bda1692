// The DKIM-Signature field: what it says, and that it is the signature RFC 8463 shows.
#include <string>

#include "firmware/dkim/base64.hpp"
#include "firmware/dkim/header_hash.hpp"
#include "firmware/dkim/record.hpp"
#include "firmware/dkim/sign.hpp"
#include "tests/firmware/dkim/keys.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::dkim;

namespace {

// RFC 8463 §A.3
const std::string kHeader =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
const std::string kBody = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

std::string sealed(std::string_view message, Keyring& keys, SignOptions options = {}) {
  MessageHash hash;
  hash.feed(as_bytes(message));
  const auto fields = sign(hash, keys, options);
  return fields ? *fields : "error: " + std::string(fields.error().reason);
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(DkimSign) {
  Keyring keys;
  void setup() override {
    CHECK(keys.add("football.example.com", "brisbane", dkim_tests::example_ed25519()).has_value());
  }
};

TEST(DkimSign, the_signature_of_the_rfc_comes_out) {
  BodyHash body;
  body.feed(as_bytes(kBody));
  const auto body_hash = to_base64(body.finish());
  CHECK_EQUAL(std::string("2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="), body_hash);
  Hasher hash;
  hash_fields(hash, kHeader, "from:to:subject:date:message-id:from:subject:date", Canonical::relaxed);
  const auto own = canonical_field(
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=",
      Canonical::relaxed);
  hash.feed(std::string_view(own).substr(0, own.size() - 2));
  auto* signer = keys.choose("football.example.com").front();
  const auto signature = signer->key.sign(hash.finish());
  CHECK(signature.has_value());
  CHECK_EQUAL(
      std::string("/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="),
      to_base64(Bytes(signature->data(), signature->size())));
  CHECK_EQUAL(std::string("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
              key_record(signer->key, Service::any));
}

TEST(DkimSign, the_field_says_who_what_and_when) {
  const auto field = sealed(kHeader + "\r\n" + kBody, keys,
                            {.now = WallTime(std::chrono::seconds(1'528'637'909)), .lifetime = 5 * 24h});
  CHECK(field.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;"));
  CHECK(holds(field, "d=football.example.com;"));
  CHECK(holds(field, "s=brisbane;"));
  CHECK(holds(field, "t=1528637909;"));
  CHECK(holds(field, "x=1529069909;"));
  CHECK(holds(field, "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;"));
  CHECK(field.ends_with("\r\n"));
  CHECK_FALSE(holds(field, "\r\n\r\n"));
}

TEST(DkimSign, no_line_is_longer_than_mail_likes) {
  const auto field = sealed(kHeader + "\r\n" + kBody, keys);
  std::size_t begin = 0;
  while (begin < field.size()) {
    const auto end = field.find("\r\n", begin);
    CHECK(end - begin <= 80);
    begin = end + 2;
  }
}

TEST(DkimSign, what_is_shown_to_a_reader_is_named_once_more_than_it_occurs) {
  const auto names = signed_fields(kHeader);
  CHECK_EQUAL(std::string("From:From:To:To:Cc:Subject:Subject:Date:Date:Reply-To:Message-ID:Message-ID"),
              names);
}

TEST(DkimSign, a_field_put_in_front_changes_what_is_hashed) {
  const auto digest = [](const std::string& header) {
    Hasher hash;
    hash_fields(hash, header, signed_fields(kHeader), Canonical::relaxed);
    return to_base64(hash.finish());
  };
  CHECK(digest(kHeader) != digest("From: evil@example.org\r\n" + kHeader));
  CHECK(digest(kHeader) != digest(kHeader + "Reply-To: evil@example.org\r\n"));
  CHECK(digest(kHeader) == digest("X-Spam: no\r\n" + kHeader));
  CHECK(digest(kHeader) == digest("Received: by us\r\n" + kHeader));
}

TEST(DkimSign, fields_of_one_name_are_taken_from_the_last_to_the_first) {
  Hasher one;
  hash_fields(one, "A: 1\r\na: 2\r\n", "A:a:A", Canonical::relaxed);
  Hasher two;
  two.feed("a:2\r\na:1\r\n");
  CHECK_EQUAL(to_base64(two.finish()), to_base64(one.finish()));
}

TEST(DkimSign, headers_become_canonical_as_the_rfc_shows) {
  // RFC 6376 §3.4.5
  CHECK_EQUAL(std::string("a:X\r\n"), canonical_field("A: X\r\n", Canonical::relaxed));
  CHECK_EQUAL(std::string("b:Y Z\r\n"), canonical_field("B : Y\t\r\n\tZ  \r\n", Canonical::relaxed));
  CHECK_EQUAL(std::string("B : Y\t\r\n\tZ  \r\n"),
              canonical_field("B : Y\t\r\n\tZ  \r\n", Canonical::simple));
  CHECK_EQUAL(std::string("c:\r\n"), canonical_field("C:  \r\n", Canonical::relaxed));
}

TEST(DkimSign, a_message_with_no_author_or_two_is_not_signed) {
  CHECK_EQUAL(std::string(), sealed("To: a@b.example\r\n\r\n", keys));
  const auto twice = sealed(kHeader + "From: joe@football.example.com\r\n\r\n", keys);
  CHECK_EQUAL(std::string("error: there is more than one From field"), twice);
}

TEST(DkimSign, a_sub_domain_is_signed_for_by_its_nearest_parent) {
  CHECK_EQUAL(std::size_t(1), keys.choose("team.football.example.com").size());
  CHECK(keys.choose("example.com").empty());
  CHECK(keys.choose("xfootball.example.com").empty());
  CHECK(keys.choose("").empty());
}

TEST(DkimSign, a_key_for_reports_signs_reports_only_and_first) {
  CHECK(keys.add("football.example.com", "reports", dkim_tests::example_ed25519(), Service::tls_reports)
            .has_value());
  CHECK_EQUAL(std::size_t(1), keys.choose("football.example.com").size());
  const auto field = sealed(kHeader + "TLS-Report-Domain: b.example\r\n\r\n", keys);
  const auto first = field.find("s=reports;");
  CHECK(first != std::string::npos && first < field.find("s=brisbane;"));
}

TEST(DkimSign, the_author_is_the_first_mailbox) {
  const auto of = [](std::string_view body) { return author_domain("From: " + std::string(body) + "\r\n"); };
  CHECK_EQUAL(std::string("b.example"), of("a@B.example"));
  CHECK_EQUAL(std::string("b.example"), of("A \"x <e@evil.example>\" C <a@b.example>"));
  CHECK_EQUAL(std::string("b.example"), of("(e@evil.example) <\"a@x\"@b.example> (c)"));
  CHECK_EQUAL(std::string("b.example"), of("a@b.example, c@d.example"));
  CHECK_EQUAL(std::string("b.example"), of("Group: a@b.example, c@d.example;"));
  CHECK_EQUAL(std::string("b.example"), of("a@b\r\n .example"));
  CHECK_EQUAL(std::string("xn--bcher-kva.example"), of("a@b\xc3\xbc"
                                                       "cher.example"));
  CHECK_EQUAL(std::string(), of("nobody"));
  CHECK_EQUAL(std::string(), of("\"unended <a@b.example>"));
}

TEST(DkimSign, what_is_no_key_is_refused_with_a_reason) {
  const auto why = [](std::string_view pem) {
    const auto key = Key::from_pem(pem);
    return key ? std::string() : std::string(key.error().reason);
  };
  CHECK_EQUAL(std::string("there is no private key in PEM form, without a password"), why("nonsense"));
  CHECK_EQUAL(std::string("the private key is neither RSA nor Ed25519"),
              why("-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----\n"));
  CHECK_FALSE(keys.add("no domain", "s", dkim_tests::example_ed25519()).has_value());
  CHECK_FALSE(keys.add("a.example", "", dkim_tests::example_ed25519()).has_value());
  CHECK_EQUAL(std::size_t(1), keys.size());
}

TEST(DkimSign, base64_goes_there_and_back) {
  for (std::size_t length = 0; length < 10; ++length) {
    const std::string text = std::string("\x00\xff\x80 abcdef", 10).substr(0, length);
    const auto back = from_base64(to_base64(as_bytes(text)));
    CHECK(back.has_value() && std::string(back->begin(), back->end()) == text);
  }
  CHECK_FALSE(!!from_base64("AAA"));
  CHECK_FALSE(!!from_base64("AA=A"));
  CHECK_FALSE(!!from_base64("AA==AAAA"));
  CHECK_FALSE(!!from_base64("A==="));
  CHECK_FALSE(!!from_base64("AA\x01="));
}
