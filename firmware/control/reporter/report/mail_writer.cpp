#include "firmware/control/reporter/report/mail_writer.hpp"

#include <algorithm>

#include "firmware/control/reporter/report/transfer_encodings.hpp"
#include "firmware/mail/date.hpp"

namespace postern::reporter {
namespace {

// In a quoted string or a header: no quotes, no controls, ASCII only.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out +=
        static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '"' || c == '\\'
            ? '_'
            : c;
  }
  return out;
}

std::string for_people(const ReportMail& mail, const TlsReport& report) {
  std::string text = "This is a report about TLS in mail sent to " + mail.domain + " (RFC 8460).\r\n\r\n";
  text += "From    " + write_time(report.begin) + "\r\nTo      " + write_time(report.end) + "\r\nBy      " +
          plain(report.organization) + "\r\nContact " + plain(report.contact) + "\r\n\r\n";
  for (const auto& policy : report.policies) {
    text += plain(policy.type) + " " + plain(policy.domain) + ": " + std::to_string(policy.successes) +
            " sessions went well, " + std::to_string(policy.failures) + " did not\r\n";
  }
  return text + "\r\nThe details are in the attached file.\r\n";
}

}  // namespace

std::string report_file_name(const TlsReport& report, std::string_view domain, std::string_view submitter) {
  // RFC 8460 §5.1: the unique part tells reports of the same time apart.
  std::string unique = report.id.substr(0, report.id.find('@'));
  unique.erase(
      std::remove_if(unique.begin(), unique.end(),
                     [](char c) {
                       return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
                     }),
      unique.end());
  return std::string(submitter) + "!" + std::string(domain) + "!" + std::to_string(report.begin) + "!" +
         std::to_string(report.end) + (unique.empty() ? "" : "!" + unique) + ".json.gz";
}

std::string write_mail(const ReportMail& mail, const TlsReport& report, std::string_view packed) {
  const auto boundary = "=_report_" + plain(report.id.substr(0, report.id.find('@')));
  const auto file = plain(report_file_name(report, mail.domain, mail.submitter));
  std::string text;
  text += "From: " + mail.from + "\r\nTo: " + mail.to + "\r\nDate: " + mail::rfc5322_date(mail.now) + "\r\n";
  text += "Message-ID: <" + plain(report.id.substr(0, report.id.find('@'))) + "@" + mail.host_name + ">\r\n";
  // RFC 8460 §5.3
  text += "Subject: Report Domain: " + mail.domain + "\r\n Submitter: " + mail.submitter +
          "\r\n Report-ID: <" + plain(report.id) + ">\r\n";
  text += "TLS-Report-Domain: " + mail.domain + "\r\nTLS-Report-Submitter: " + mail.submitter + "\r\n";
  // RFC 8689 §3: a domain whose TLS is broken is to hear of it.
  text += "TLS-Required: No\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  text += "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  text += "--" + boundary +
          "\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n";
  text += for_people(mail, report) + "\r\n";
  text += "--" + boundary + "\r\nContent-Type: application/tlsrpt+gzip;\r\n name=\"" + file +
          "\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n filename=\"" +
          file + "\"\r\n\r\n";
  text += base64_lines(packed);
  return text + "\r\n--" + boundary + "--\r\n";
}

}  // namespace postern::reporter
