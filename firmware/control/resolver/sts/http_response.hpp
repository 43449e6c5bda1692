// The answer to one HTTPS GET, read as it comes in. Takes any bytes whatever and keeps at most kMostHead and
// kMostBody of them.
//
// Only what MTA-STS allows is a good answer: status 200, text/plain, no redirect, whole. RFC 8461 §3.3,
// RFC 9112 §4, §5, §6.3, §7.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::resolver {

class HttpResponse {
 public:
  static constexpr std::size_t kMostHead = 16 * 1024;
  static constexpr std::size_t kMostBody = 64 * 1024;

  enum class State : std::uint8_t { reading, complete, refused };

  State feed(Bytes bytes);
  // The peer has said that no more comes (not: it vanished).
  State end();

  State state() const { return state_; }
  const std::string& body() const { return body_; }
  std::string_view why() const { return why_; }  // refused

 private:
  enum class Part : std::uint8_t { head, sized_body, chunk_size, chunk_data, chunk_end, trailer, until_end };

  bool step();
  bool take_head();
  bool judge_head(std::string_view head);
  bool judge_field(std::string_view name, std::string_view value);
  bool take_body(std::size_t limit);
  bool take_chunk_size();
  bool take_line(std::string_view& line, std::size_t most);
  bool refuse(std::string why);

  State state_ = State::reading;
  Part part_ = Part::head;
  std::string pending_;
  std::size_t used_ = 0;  // of pending_
  std::string body_;
  std::string why_;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_ = 0;  // of the body or chunk
  bool chunked_ = false;
  bool plain_text_ = false;
};

}  // namespace postern::resolver
