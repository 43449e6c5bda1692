#include "firmware/control/reporter/report/mail_reader.hpp"

#include <algorithm>

#include "firmware/control/reporter/report/gzip.hpp"
#include "firmware/control/reporter/report/transfer_encodings.hpp"
#include "firmware/mail/header.hpp"
#include "firmware/mail/text.hpp"

namespace postern::reporter {
namespace {

constexpr int kMostDepth = 4;
constexpr std::size_t kMostParts = 50;

std::string field(std::string_view header, std::string_view name) {
  mail::HeaderField found;
  return mail::find_header(header, name, found) ? found.unfolded() : std::string();
}

// Value of a parameter of Content-Type: quoted or not. RFC 2045 §5.1.
std::string parameter(std::string_view type, std::string_view name) {
  const auto low = mail::to_lower(type);
  for (auto at = low.find(';'); at != std::string::npos; at = low.find(';', at + 1)) {
    auto begin = low.find_first_not_of(" \t", at + 1);
    if (begin == std::string::npos || low.compare(begin, name.size(), name) != 0) continue;
    begin = low.find_first_not_of(" \t", begin + name.size());
    if (begin == std::string::npos || low[begin] != '=') continue;
    begin = low.find_first_not_of(" \t", begin + 1);
    if (begin == std::string::npos) return {};
    if (type[begin] == '"') {
      const auto end = type.find('"', begin + 1);
      return std::string(type.substr(begin + 1, end == std::string_view::npos ? end : end - begin - 1));
    }
    return std::string(type.substr(begin, type.find_first_of("; \t", begin) - begin));
  }
  return {};
}

// What follows the header section and its blank line.
std::string_view body_of(std::string_view entity) {
  auto body = entity.substr(mail::header_section(entity).size());
  if (body.starts_with("\r\n")) return body.substr(2);
  if (body.starts_with("\n")) return body.substr(1);
  return body;
}

std::string decoded(std::string_view body, std::string_view encoding) {
  if (mail::equals_ignoring_case(encoding, "base64")) return from_base64_lines(body);
  if (mail::equals_ignoring_case(encoding, "quoted-printable")) return from_quoted_printable(body);
  return std::string(body);
}

// The parts between boundary lines. RFC 2046 §5.1.1.
std::vector<std::string_view> parts_of(std::string_view body, const std::string& boundary) {
  std::vector<std::string_view> parts;
  if (boundary.empty()) return parts;
  const auto mark = "--" + boundary;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < body.size() && parts.size() < kMostParts;) {
    const auto end = std::min(body.find('\n', at), body.size());
    const auto line = body.substr(at, end - at);
    if (line.starts_with(mark)) {
      if (begin != std::string_view::npos) parts.push_back(body.substr(begin, at - begin));
      begin = end + 1;
      if (line.substr(mark.size()).starts_with("--")) return parts;
    }
    at = end + 1;
  }
  if (begin < body.size()) parts.push_back(body.substr(begin));
  return parts;
}

bool is_report_type(std::string_view type, std::string_view name) {
  const auto low = mail::to_lower(type.substr(0, type.find(';')));
  if (low.starts_with("application/tlsrpt+")) return true;
  // Some senders name the file right and the type wrong.
  const bool vague = low.starts_with("application/");
  return vague && (name.ends_with(".json.gz") || name.ends_with(".json"));
}

bool find_part(std::string_view entity, int depth, std::string& out) {
  const auto header = mail::header_section(entity);
  const auto type = field(header, "Content-Type");
  const auto body = body_of(entity);
  if (mail::to_lower(type).starts_with("multipart/")) {
    if (depth == kMostDepth) return false;
    for (const auto part : parts_of(body, parameter(type, "boundary"))) {
      if (find_part(part, depth + 1, out)) return true;
    }
    return false;
  }
  auto name = parameter(type, "name");
  if (name.empty()) name = parameter(field(header, "Content-Disposition"), "filename");
  if (!is_report_type(type, name)) return false;
  out = decoded(body, field(header, "Content-Transfer-Encoding"));
  return true;
}

Result<ReadReport, Fault> read_packed(std::string_view content) {
  if (!is_gzip(content)) return read_report(content);
  const auto plain = gunzip(content, kMostReportBytes);
  if (!plain) return tl::unexpected(plain.error());
  return read_report(*plain);
}

bool is_json(std::string_view content) {
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);
  const auto first = content.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && content[first] == '{';
}

}  // namespace

Result<std::string, Fault> report_part(std::string_view message) {
  std::string out;
  if (!find_part(message, 0, out)) return fault("no part of the message is a TLS report");
  return out;
}

Result<ReceivedReport, Fault> read_received(std::string_view content) {
  if (content.size() > kMostMailBytes) return fault("it is larger than 8 MiB");
  ReceivedReport received;
  std::string part;
  if (!is_gzip(content) && !is_json(content)) {
    auto found = report_part(content);
    if (!found) return tl::unexpected(found.error());
    part = std::move(*found);
    const auto header = mail::header_section(content);
    received.domain = mail::printable(field(header, "TLS-Report-Domain"), 255);
    received.submitter = mail::printable(field(header, "TLS-Report-Submitter"), 255);
    received.from = mail::printable(field(header, "From"), 255);
    content = part;
  }
  auto read = read_packed(content);
  if (!read) return tl::unexpected(read.error());
  received.read = std::move(*read);
  return received;
}

}  // namespace postern::reporter
