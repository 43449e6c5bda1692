// One HTTP answer and how it is written: every answer carries the headers that keep a browser strict.
// RFC 9110, RFC 9112, RFC 6797 (HSTS), CSP level 3.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::admin {

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  // A file that is served as it is, shared by all who ask; instead of `body`.
  std::shared_ptr<const std::string> shared;
  std::vector<std::pair<std::string, std::string>> headers;  // besides
  bool cacheable = false;                                    // else "no-store"
  bool events = false;                                       // the connection becomes a stream of events
  std::string only;                                          // which kinds of them; empty: all
  std::function<bool()> still_allowed;                       // asked now and then; not given: for good

  std::string_view content() const { return shared ? std::string_view(*shared) : std::string_view(body); }
};

std::string_view reason_phrase(int status);
// The head up to the empty line. `close`: the connection ends behind this answer.
std::string head_of(const Response& response, bool close);

}  // namespace postern::admin
