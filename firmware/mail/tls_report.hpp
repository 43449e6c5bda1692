// Whether a message is a report about TLS, by what its header fields say. RFC 8460 §5.3, §6.4.
#pragma once

#include <cstddef>
#include <string_view>

namespace postern::mail {

// So much of a message has to be shown at most: the fields of its parts stand near its beginning.
inline constexpr std::size_t kTlsReportLook = 64 * 1024;

// `beginning` begins with the header section. True where the message is multipart/report with report-type
// tlsrpt, or it or one of its parts says application/tlsrpt+gzip or application/tlsrpt+json. What is in it is
// not looked at.
bool is_tls_report(std::string_view beginning);

}  // namespace postern::mail
