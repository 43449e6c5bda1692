// One HTTP answer and how it is written: see the header.
#include "firmware/control/admin/http/response.hpp"

#include <boost/beast/http/status.hpp>

namespace postern::admin {

namespace {

// Nothing from elsewhere, nothing inline, nobody frames us. Trusted Types: no page builds markup from text.
constexpr std::string_view kAlways =
    "Strict-Transport-Security: max-age=31536000\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n";

// A header's value ends at a line break; whatever was put there, it cannot begin a new one.
void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) head.push_back(c);
  }
  head.append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

std::string head_of(const Response& response, bool close) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  const bool bodiless = response.status == 304 || response.status == 204;
  if (!bodiless) add(head, "Content-Type", response.content_type);
  if (!response.events && !bodiless) add(head, "Content-Length", std::to_string(response.content().size()));
  head.append(kAlways);
  if (!response.cacheable) add(head, "Cache-Control", "no-store");
  for (const auto& [name, value] : response.headers) add(head, name, value);
  if (close || response.events) add(head, "Connection", "close");
  return head + "\r\n";
}

}  // namespace postern::admin
