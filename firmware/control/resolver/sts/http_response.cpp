// The answer to one HTTPS GET: see the header.
#include "firmware/control/resolver/sts/http_response.hpp"

#include <algorithm>
#include <charconv>

namespace postern::resolver {

namespace {

constexpr std::size_t kLongestChunkLine = 256;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string printable(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, 60)) line.push_back(c >= ' ' && c < 127 ? c : '?');
  return line;
}

}  // namespace

bool HttpResponse::refuse(std::string why) {
  state_ = State::refused;
  why_ = std::move(why);
  return false;
}

HttpResponse::State HttpResponse::feed(Bytes bytes) {
  if (state_ != State::reading) return state_;
  pending_ += as_text(bytes);
  while (state_ == State::reading && step()) continue;
  pending_.erase(0, used_);
  used_ = 0;
  return state_;
}

HttpResponse::State HttpResponse::end() {
  if (state_ != State::reading) return state_;
  if (part_ == Part::until_end) return state_ = State::complete;
  refuse("the answer was cut off");
  return state_;
}

// True where more can be done with what is there.
bool HttpResponse::step() {
  std::string_view line;
  switch (part_) {
    case Part::head:
      return take_head();
    case Part::sized_body:
      if (!take_body(left_)) return false;
      if (left_ == 0) state_ = State::complete;
      return false;
    case Part::until_end:
      return take_body(kMostBody + 1) && false;
    case Part::chunk_size:
      return take_chunk_size();
    case Part::chunk_data:
      if (!take_body(left_)) return false;
      if (left_ == 0) part_ = Part::chunk_end;
      return left_ == 0;
    case Part::chunk_end:
      if (!take_line(line, 2)) return false;
      if (!line.empty()) return refuse("the answer's chunks are malformed");
      part_ = Part::chunk_size;
      return true;
    case Part::trailer:
      if (!take_line(line, kMostHead)) return false;
      if (line.empty()) state_ = State::complete;
      return true;
  }
  return false;
}

// A whole line without its end; false: not there yet, or refused.
bool HttpResponse::take_line(std::string_view& line, std::size_t most) {
  const auto rest = std::string_view(pending_).substr(used_);
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) {
    if (rest.size() > most) refuse("a line of the answer is too long");
    return false;
  }
  if (end > most) return refuse("a line of the answer is too long");
  line = rest.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  used_ += end + 1;
  return true;
}

bool HttpResponse::take_head() {
  const auto end = pending_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (pending_.size() > kMostHead) refuse("the answer's head is too long");
    return false;
  }
  if (end > kMostHead) return refuse("the answer's head is too long");
  used_ = end + 4;
  return judge_head(std::string_view(pending_).substr(0, end + 2));
}

bool HttpResponse::judge_head(std::string_view head) {
  const auto first_end = head.find("\r\n");
  const auto status = head.substr(0, first_end);
  // "HTTP/1.1 200 OK". RFC 9112 §4.
  if (status.size() < 12 || !status.starts_with("HTTP/1.") || status[8] != ' ')
    return refuse("the answer is not HTTP");
  const auto code = number(status.substr(9, 3), 10).value_or(0);
  if (status.size() > 12 && status[12] != ' ') return refuse("the answer is not HTTP");
  // RFC 8461 §3.3: redirects are not followed, and only 200 counts.
  if (code >= 300 && code < 400) return refuse("the policy host redirects, status " + std::to_string(code));
  if (code != 200) return refuse("status " + std::to_string(code));
  head.remove_prefix(first_end + 2);
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    const auto colon = line.find(':');
    // RFC 9112 §5.1, §5.2: no blank before the colon, no folded lines.
    if (colon == std::string_view::npos || colon == 0 || line[colon - 1] == ' ' || line.front() == ' ' ||
        line.front() == '\t')
      return refuse("the answer's head is malformed");
    if (!judge_field(line.substr(0, colon), trimmed(line.substr(colon + 1)))) return false;
    head.remove_prefix(end + 2);
  }
  if (!plain_text_) return refuse("the policy is not text/plain");
  // RFC 9112 §6.3.
  if (chunked_ && length_) return refuse("the answer has two lengths");
  if (length_ && *length_ > kMostBody) return refuse("the policy is longer than 64 KiB");
  left_ = length_.value_or(0);
  part_ = chunked_ ? Part::chunk_size : length_ ? Part::sized_body : Part::until_end;
  return true;
}

bool HttpResponse::judge_field(std::string_view name, std::string_view value) {
  if (equal_but_for_case(name, "content-type")) {
    const auto type = trimmed(value.substr(0, value.find(';')));
    plain_text_ = equal_but_for_case(type, "text/plain");  // RFC 8461 §3.2
    if (!plain_text_) return refuse("the policy is not text/plain but " + printable(type));
  } else if (equal_but_for_case(name, "content-length")) {
    const auto length = number(value, 10);
    if (!length || (length_ && length_ != length)) return refuse("the answer's length is malformed");
    length_ = length;
  } else if (equal_but_for_case(name, "transfer-encoding")) {
    if (!equal_but_for_case(value, "chunked")) return refuse("the answer's transfer coding is not known");
    chunked_ = true;
  } else if (equal_but_for_case(name, "content-encoding")) {
    if (!equal_but_for_case(value, "identity"))
      return refuse("the answer is compressed, which was not asked");
  }
  return true;
}

// Moves at most `limit` bytes to the body; false where nothing is there.
bool HttpResponse::take_body(std::size_t limit) {
  const auto count = std::min<std::size_t>(limit, pending_.size() - used_);
  if (body_.size() + count > kMostBody) return refuse("the policy is longer than 64 KiB");
  body_.append(pending_, used_, count);
  used_ += count;
  left_ -= std::min<std::uint64_t>(left_, count);
  return true;
}

bool HttpResponse::take_chunk_size() {
  std::string_view line;
  if (!take_line(line, kLongestChunkLine)) return false;
  const auto size = number(trimmed(line.substr(0, line.find(';'))), 16);  // RFC 9112 §7.1
  if (!size) return refuse("the answer's chunks are malformed");
  if (*size > kMostBody) return refuse("the policy is longer than 64 KiB");
  left_ = *size;
  part_ = *size == 0 ? Part::trailer : Part::chunk_data;
  return true;
}

}  // namespace postern::resolver
