// A report out of whatever somebody sent: a mail message, JSON, or gzip of JSON. RFC 8460 §5.2, §5.3.
//
// The report is the first MIME part whose type says so, at most a few parts deep; what is in it is judged by
// its first bytes, since senders mix the types up.
#pragma once

#include <string>
#include <string_view>

#include "firmware/control/reporter/report/tls_report.hpp"
#include "platform/base/result.hpp"

namespace postern::reporter {

inline constexpr std::size_t kMostMailBytes = 8u << 20;

struct ReceivedReport {
  ReadReport read;
  std::string domain;     // TLS-Report-Domain, where it came by mail
  std::string submitter;  // TLS-Report-Submitter
  std::string from;       // the mail's From field
};

Result<ReceivedReport, Fault> read_received(std::string_view content);
// The packed or plain report of a message; a fault where there is none.
Result<std::string, Fault> report_part(std::string_view message);

}  // namespace postern::reporter
