// Which messages are reports about TLS. RFC 8460 §5.3.
#include "firmware/mail/tls_report.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using postern::mail::is_tls_report;

TEST_GROUP(TlsReportMail){};

TEST(TlsReportMail, multipart_report_says_so_in_any_shape) {
  CHECK(is_tls_report("From: a@b.example\r\nContent-Type: multipart/report; report-type=\"tlsrpt\";\r\n"
                      "\tboundary=\"x\"\r\n\r\n"));
  CHECK(is_tls_report("content-type: Multipart/Report;\r\n boundary=x; Report-Type = TLSRPT\r\n\r\n"));
}

TEST(TlsReportMail, a_bare_report_or_one_in_another_multipart_counts) {
  CHECK(is_tls_report("Content-Type: application/tlsrpt+gzip; name=a\r\n\r\nxx"));
  CHECK(is_tls_report("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
                      "hello\r\n--x\r\nContent-Type:\r\n application/tlsrpt+json\r\n\r\n{}"));
}

TEST(TlsReportMail, anything_else_does_not) {
  CHECK(!is_tls_report(""));
  CHECK(!is_tls_report("Subject: Content-Type: application/tlsrpt+gzip\r\n\r\n"));
  CHECK(!is_tls_report("Content-Type: text/plain\r\n\r\nContent-Type: application/tlsrpt+gzip\r\n"));
  CHECK(!is_tls_report("Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"));
  CHECK(!is_tls_report("Content-Type: multipart/report; report-type=tlsrpts\r\n\r\n"));
}

TEST(TlsReportMail, what_stands_far_behind_is_not_looked_at) {
  const std::string head = "Content-Type: multipart/mixed; boundary=x\r\n\r\n";
  const std::string part = "\r\nContent-Type: application/tlsrpt+gzip\r\n";
  CHECK(is_tls_report(head + std::string(60'000, 'x') + part));
  CHECK(!is_tls_report(head + std::string(70'000, 'x') + part));
}
