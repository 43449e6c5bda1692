#include "firmware/mail/tls_report.hpp"

#include <algorithm>
#include <string>

#include "firmware/mail/header.hpp"
#include "firmware/mail/text.hpp"

namespace postern::mail {
namespace {

constexpr std::string_view kReportMedia = "application/tlsrpt+";

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\r' || c == '\n'; });
  return text;
}

// RFC 8460 §5.3: multipart/report with report-type="tlsrpt".
bool says_report(const std::string& type) {
  return type.starts_with("multipart/report;") && (type + ";").find(";report-type=tlsrpt;") != std::string::npos;
}

}  // namespace

bool is_tls_report(std::string_view beginning) {
  beginning = beginning.substr(0, kTlsReportLook);
  HeaderField field;
  if (!find_header(beginning, "Content-Type", field)) return false;
  const auto type = without_blanks(to_lower(field.unfolded()));
  if (says_report(type) || type.starts_with(kReportMedia)) return true;
  if (!type.starts_with("multipart/")) return false;
  // The fields of the parts. A line of text that looks like one does no harm: what is in it is read later.
  const auto low = to_lower(beginning);
  constexpr std::string_view kField = "\ncontent-type:";
  for (auto at = low.find(kField); at != std::string::npos; at = low.find(kField, at + 1)) {
    const auto value = low.find_first_not_of(" \t\r\n", at + kField.size());
    if (value != std::string::npos && low.compare(value, kReportMedia.size(), kReportMedia) == 0) return true;
  }
  return false;
}

}  // namespace postern::mail
