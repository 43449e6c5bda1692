// Reports as JSON, gzip and mail, in both directions.
#include <string>

#include "firmware/control/reporter/report/gzip.hpp"
#include "firmware/control/reporter/report/mail_reader.hpp"
#include "firmware/control/reporter/report/mail_writer.hpp"
#include "firmware/control/reporter/report/rua.hpp"
#include "firmware/control/reporter/report/tls_report.hpp"
#include "firmware/control/reporter/report/transfer_encodings.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::reporter;

namespace {

// In the shape of RFC 8460 Appendix B.
const char* const kExample = R"({
 "organization-name": "Company-X",
 "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
 "contact-info": "sts-reporting@company-x.example",
 "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
 "policies": [{
  "policy": {"policy-type": "sts", "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"],
   "policy-domain": "company-y.example", "mx-host": ["*.mail.company-y.example"]},
  "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
  "failure-details": [
   {"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1", "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
   {"result-type": "starttls-not-supported", "sending-mta-ip": "2001:db8:abcd:0013::1", "receiving-mx-hostname": "mx2.mail.company-y.example", "receiving-ip": "203.0.113.56", "failed-session-count": 200, "additional-information": "https://reports.company-x.example/report_info?id=5065427c-23d3#StarttlsNotSupported"},
   {"result-type": "validation-failure", "sending-mta-ip": "198.51.100.62", "receiving-ip": "203.0.113.58", "receiving-mx-hostname": "mx-backup.mail.company-y.example", "failed-session-count": 3, "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]}]})";

TlsReport small() {
  TlsReport report;
  report.organization = "Example \"Net\"";
  report.begin = 1459468800;
  report.end = 1459555199;
  report.contact = "tlsrpt@example.net";
  report.id = "2016-04-01.example.org.1234@gw.example.net";
  report.policies.push_back(
      {.type = "tlsa",
       .strings = {"3 1 1 AB"},
       .domain = "mx.example.org",
       .successes = 5,
       .failures = 1,
       .details = {{.result = "validation-failure", .mx_helo = "\xff odd", .sessions = 1}}});
  return report;
}

std::string why(const Result<ReadReport, Fault>& read) {
  return read ? std::string() : read.error().reason;
}

bool noted(const std::vector<std::string>& notes, std::string_view part) {
  for (const auto& note : notes) {
    if (note.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_GROUP(TlsReportJson){};

TEST(TlsReportJson, the_example_of_the_rfc_is_read_without_a_note) {
  const auto read = read_report(kExample);
  STRCMP_EQUAL("", why(read).c_str());
  CHECK(read->notes.empty());
  const auto& report = read->report;
  STRCMP_EQUAL("Company-X", report.organization.c_str());
  LONGS_EQUAL(1459468800, report.begin);
  LONGS_EQUAL(1459555199, report.end);
  LONGS_EQUAL(1, report.policies.size());
  const auto& policy = report.policies[0];
  LONGS_EQUAL(4, policy.strings.size());
  STRCMP_EQUAL("*.mail.company-y.example", policy.mx_patterns.at(0).c_str());
  LONGS_EQUAL(5326, policy.successes);
  LONGS_EQUAL(303, policy.failures);
  LONGS_EQUAL(3, policy.details.size());
  STRCMP_EQUAL("203.0.113.56", policy.details[1].receiving_ip.c_str());
  STRCMP_EQUAL("X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED", policy.details[2].code.c_str());
}

TEST(TlsReportJson, what_is_written_is_read) {
  auto report = small();
  const auto read = read_report(write_report(report));
  CHECK(read.has_value());
  CHECK(read->notes.empty());
  report.policies[0].details[0].mx_helo = "\xef\xbf\xbd odd";  // what is not UTF-8 was replaced
  CHECK(report == read->report);
}

TEST(TlsReportJson, a_report_without_anything_to_show_is_refused) {
  STRCMP_EQUAL("the report is no JSON", why(read_report("{")).c_str());
  STRCMP_EQUAL("the report is no JSON object", why(read_report("[1]")).c_str());
  STRCMP_EQUAL("the report has no list of policies", why(read_report("{}")).c_str());
  STRCMP_EQUAL("an element of policies is no object", why(read_report(R"({"policies":[1]})")).c_str());
}

TEST(TlsReportJson, what_others_get_wrong_is_read_with_a_note) {
  const auto read =
      read_report(R"({"policies":[{"policy":{"policy-type":"dane","policy-string":"one","mx-host":"mx"},
    "summary":{"total-successful-session-count":"7","total-failure-session-count":-1},
    "failure-details":[{"result-type":"odd","failed-session-count":3},5]}]})");
  CHECK(read.has_value());
  const auto& policy = read->report.policies[0];
  LONGS_EQUAL(7, policy.successes);
  LONGS_EQUAL(0, policy.failures);
  STRCMP_EQUAL("one", policy.strings.at(0).c_str());
  STRCMP_EQUAL("mx", policy.mx_patterns.at(0).c_str());
  for (const char* note :
       {"organization-name is missing", "date-range is missing", "policy-domain is missing",
        "policy-type \"dane\" is unknown", "result-type \"odd\" is unknown", "is a text, not a number",
        "total-failure-session-count is no whole number", "add up to more"}) {
    CHECK_TEXT(noted(read->notes, note), note);
  }
}

TEST(TlsReportJson, texts_that_could_hurt_a_terminal_are_cleaned) {
  const auto read = read_report(R"({"organization-name":"a\u001b[2Jb","policies":[]})");
  CHECK(read.has_value());
  STRCMP_EQUAL("a [2Jb", read->report.organization.c_str());
}

TEST(TlsReportJson, a_deep_nest_is_no_danger) {
  const std::string deep(1'000'000, '[');
  STRCMP_EQUAL("the report is no JSON", why(read_report(deep)).c_str());
  const auto closed = std::string(500'000, '[') + std::string(500'000, ']');
  STRCMP_EQUAL("the report is no JSON object", why(read_report(closed)).c_str());
}

TEST(TlsReportJson, times_have_offsets_and_fractions_or_are_none) {
  std::int64_t time = 0;
  CHECK(read_time("2016-04-01T02:00:00+02:00", time));
  LONGS_EQUAL(1459468800, time);
  CHECK(read_time("2016-03-31t22:30:00.25-01:30", time));
  LONGS_EQUAL(1459468800, time);
  STRCMP_EQUAL("2016-04-01T00:00:00Z", write_time(1459468800).c_str());
  for (const char* wrong :
       {"", "2016-04-01", "2016-13-01T00:00:00Z", "2016-02-30T00:00:00Z", "2016-04-01T24:00:00Z",
        "2016-04-01T00:00:00", "2016-04-01T00:00:00Zx", "-016-04-01T00:00:00Z", "2016-04-01T00:00:00.Z"}) {
    CHECK_FALSE_TEXT(read_time(wrong, time), wrong);
  }
}

TEST_GROUP(TlsReportGzip){};

TEST(TlsReportGzip, what_is_packed_is_unpacked) {
  const auto packed = gzip(kExample);
  CHECK(is_gzip(packed));
  CHECK(packed.size() < std::string(kExample).size());
  const auto plain = gunzip(packed, kMostReportBytes);
  CHECK(plain.has_value());
  STRCMP_EQUAL(kExample, plain->c_str());
  const auto twice = gunzip(gzip("one ") + gzip("two"), 100);
  CHECK(twice.has_value());
  STRCMP_EQUAL("one two", twice->c_str());
}

TEST(TlsReportGzip, a_bomb_is_not_unpacked) {
  const auto bomb = gzip(std::string(64u << 20, ' '));
  CHECK(bomb.size() < 100'000);
  const auto plain = gunzip(bomb, kMostReportBytes);
  CHECK_FALSE(plain.has_value());
  STRCMP_EQUAL("more than 4194304 bytes are packed in it", plain.error().reason.c_str());
  CHECK(gunzip(gzip(std::string(100, 'x')), 100).has_value());
  CHECK_FALSE(gunzip(gzip(std::string(101, 'x')), 100).has_value());
}

TEST(TlsReportGzip, cut_or_damaged_data_is_refused) {
  const auto packed = gzip(kExample);
  for (std::size_t length = 0; length < packed.size(); ++length) {
    CHECK_FALSE(gunzip(std::string_view(packed).substr(0, length), 100'000).has_value());
  }
  auto wrong = packed;
  wrong[packed.size() - 6] = static_cast<char>(wrong[packed.size() - 6] ^ 1);  // the check sum
  CHECK_FALSE(gunzip(wrong, 100'000).has_value());
}

TEST_GROUP(TlsReportMail) {
  ReportMail mail{.from = "tlsrpt@example.net",
                  .to = "reports@example.org",
                  .domain = "example.org",
                  .submitter = "example.net",
                  .host_name = "gw.example.net",
                  .now = WallTime(std::chrono::seconds(1459555500))};
};

TEST(TlsReportMail, the_message_says_what_the_rfc_asks_for) {
  const auto text = write_mail(mail, small(), gzip(write_report(small())));
  for (const char* part :
       {"Subject: Report Domain: example.org\r\n Submitter: example.net\r\n Report-ID: "
        "<2016-04-01.example.org.1234@gw.example.net>\r\n",
        "TLS-Report-Domain: example.org\r\n", "TLS-Report-Submitter: example.net\r\n", "TLS-Required: No\r\n",
        "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n",
        "Content-Type: application/tlsrpt+gzip;\r\n",
        "filename=\"example.net!example.org!1459468800!1459555199!20160401exampleorg1234.json.gz\"",
        "Message-ID: <2016-04-01.example.org.1234@gw.example.net>\r\n"}) {
    CHECK_TEXT(text.find(part) != std::string::npos, part);
  }
}

TEST(TlsReportMail, lines_are_short_ascii_and_end_in_crlf) {
  auto report = small();
  report.organization = "\xc3\xa4\r\nEvil: yes";
  const auto text = write_mail(mail, report, gzip(write_report(report)));
  CHECK(text.find("\r\nEvil") == std::string::npos);
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = text.find('\n', begin);
    CHECK(end != std::string::npos && end - begin <= 200 && text[end - 1] == '\r');
    for (auto i = begin; i < end; ++i) CHECK(static_cast<unsigned char>(text[i]) < 0x80);
    begin = end + 1;
  }
}

TEST(TlsReportMail, the_same_report_makes_the_same_bytes) {
  const auto packed = gzip(write_report(small()));
  CHECK(write_mail(mail, small(), packed) == write_mail(mail, small(), packed));
}

TEST(TlsReportMail, what_is_written_is_read) {
  const auto text = write_mail(mail, small(), gzip(write_report(small())));
  const auto received = read_received(text);
  CHECK(received.has_value());
  STRCMP_EQUAL("example.org", received->domain.c_str());
  STRCMP_EQUAL("example.net", received->submitter.c_str());
  STRCMP_EQUAL("tlsrpt@example.net", received->from.c_str());
  STRCMP_EQUAL(small().id.c_str(), received->read.report.id.c_str());
}

TEST(TlsReportMail, reports_are_found_in_other_shapes_of_mail) {
  const std::string json = R"({"report-id":"1","policies":[]})";
  const auto found = [&](const std::string& message) { return read_received(message).has_value(); };
  CHECK(found("Content-Type: application/tlsrpt+json\r\n\r\n" + json));
  CHECK(found("Content-Type: application/tlsrpt+gzip\n\n" + json));
  CHECK(found(
      "Content-Type: application/octet-stream; name=a.json.gz\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" +
      base64_lines(gzip(json))));
  CHECK(found(
      "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/report; boundary=\"b "
      "c\"\r\n\r\n"
      "--b c\r\n\r\nhello\r\n--b c\r\nContent-Type: application/gzip\r\nContent-Disposition: attachment; "
      "filename=\"x.json.gz\"\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\n{\"policies\"=3A=\r\n[]}\r\n--b c--\r\n"));
  CHECK(found(json));
  CHECK(found(gzip(json)));
  CHECK_FALSE(found("Subject: hello\r\n\r\nno report"));
  CHECK_FALSE(
      found("Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\nContent-Type: "
            "text/plain\r\n\r\n{}\r\n--a--\r\n"));
  CHECK_FALSE(found("Content-Type: multipart/report\r\n\r\n--\r\n"));
}

TEST_GROUP(Rua){};

TEST(Rua, mail_and_https_addresses_are_read) {
  const auto mail = read_rua("MAILTO:tls%2Breports@Example.org?subject=x");
  CHECK(mail.has_value());
  STRCMP_EQUAL("tls+reports@example.org", mail->mailbox.c_str());
  const auto web = read_rua("https://Reports.example.org:8443/v1/tls?x=1#frag");
  CHECK(web.has_value());
  STRCMP_EQUAL("reports.example.org", web->host.c_str());
  LONGS_EQUAL(8443, web->port);
  STRCMP_EQUAL("/v1/tls?x=1", web->target.c_str());
  STRCMP_EQUAL("https://reports.example.org/", read_rua("https://reports.example.org")->text.c_str());
  STRCMP_EQUAL("https://reports.example.org/", read_rua("https://REPORTS.example.org:443/")->text.c_str());
}

TEST(Rua, what_could_lead_astray_is_refused) {
  for (const char* wrong :
       {"", "mailto:", "mailto:nobody", "mailto:a@b.example%0d%0aBcc:c@d.example",
        "mailto:a@b.example,c@d.example", "mailto:%zz@b.example", "http://a.example/", "https:a.example",
        "https://localhost/", "https://user@a.example/", "https://127.0.0.1:x/", "https://[::1]/",
        "https://a.example:0/", "https://a.example:99999/", "ftp://a.example/", "https://a.example/ x"}) {
    CHECK_FALSE_TEXT(read_rua(wrong).has_value(), wrong);
  }
}
