// A report as a mail message, ready to be sent. RFC 8460 §5.1–§5.3.
#pragma once

#include <string>

#include "firmware/control/reporter/report/tls_report.hpp"
#include "platform/base/time.hpp"

namespace postern::reporter {

struct ReportMail {
  std::string from;       // mailbox
  std::string to;         // mailbox
  std::string domain;     // the policy domain reported about
  std::string submitter;  // our domain
  std::string host_name;  // for the Message-ID
  WallTime now{};
};

// "gw.example!example.net!1459468800!1459555199!001.json.gz", RFC 8460 §5.1.
std::string report_file_name(const TlsReport& report, std::string_view domain, std::string_view submitter);

// The whole message, line ends CRLF. `packed` is the report's JSON in gzip. The same report and time make the
// same bytes, Message-ID included.
std::string write_mail(const ReportMail& mail, const TlsReport& report, std::string_view packed);

}  // namespace postern::reporter
