// One HTTP request, taken apart: path and query decoded, headers by lower-case name, cookies. Nothing here
// knows what a path means. RFC 9110, RFC 9112, RFC 3986 §2.1, RFC 6265 §4.2.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::admin {

struct Request {
  std::string method;  // upper case
  std::string path;    // decoded; begins with /
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case; repeated ones joined by ", "
  std::string body;
  std::string source;  // the peer's address, as text
  bool keep_alive = true;

  // Empty where there is none.
  std::string_view header(std::string_view name) const;
  std::string cookie(std::string_view name) const;
};

// "%41" is "A"; nothing where it is malformed or holds a zero byte.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
// Sets path and query; false where the target is none that we take (origin form only).
bool take_target(std::string_view target, Request& request);

struct RequestLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
};

// Reads requests out of a stream of bytes, one after the other.
class RequestReader {
 public:
  explicit RequestReader(RequestLimits limits = {});
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  enum class State : std::uint8_t {
    more,       // feed it
    complete,   // take() has it
    malformed,  // not HTTP: answer 400 and close
    too_large,  // 413 or 431
    unwanted,   // a method, version or transfer we do not speak: 501 or 505
  };
  State feed(std::string_view bytes);
  State state() const { return state_; }
  // True from the first byte of a request to its last.
  bool begun() const { return begun_; }
  // True once where the peer waits for "100 Continue" (RFC 9110 §10.1.1).
  bool take_expectation();
  // The complete one; the reader goes on with the bytes behind it.
  Request take();

 private:
  struct Parser;
  void start();
  void work();
  void judge_head();

  RequestLimits limits_;
  std::unique_ptr<Parser> parser_;
  std::string waiting_;
  State state_ = State::more;
  bool begun_ = false;
  bool expects_ = false;
  bool judged_ = false;
};

}  // namespace postern::admin
