#include "firmware/mail/header.hpp"

#include <cstring>

#include "firmware/mail/text.hpp"

namespace postern::mail {
namespace {

constexpr std::string_view kReceived = "received";
constexpr std::string_view kTlsRequired = "tls-required";
constexpr std::string_view kTlsReport = "tls-report-domain";

// RFC 5322 §3.6.8: printable ASCII except the colon. RFC 6532 §3.2 leaves names as they are.
bool is_name_char(char c) {
  return c > 0x20 && c < 0x7F && c != ':';
}

}  // namespace

HeaderWatch::State HeaderWatch::line_start(char c) {
  // A folded line goes on, RFC 5322 §2.2.3.
  if (c == ' ' || c == '\t') return in_wish_ ? State::wish : State::value;
  if (c == '\r') return State::blank_cr;
  name_length_ = 0;
  in_wish_ = false;
  return name(c);
}

HeaderWatch::State HeaderWatch::name(char c) {
  if (c == ':') return name_over();
  // RFC 5322 §4.5: obsolete syntax has white space before the colon.
  if (c == ' ' || c == '\t') return State::name_end;
  if (!is_name_char(c)) return State::over;
  if (name_length_ < name_.size()) name_[name_length_] = ascii_lower(c);
  if (name_length_ <= name_.size()) ++name_length_;
  return State::name;
}

HeaderWatch::State HeaderWatch::name_over() {
  if (name_length_ > name_.size()) return State::value;
  const std::string_view name(name_.data(), name_length_);
  if (name == kReceived) ++received_;
  if (name == kTlsReport) tls_report_ = true;
  in_wish_ = name == kTlsRequired;
  return in_wish_ ? State::wish : State::value;
}

HeaderWatch::State HeaderWatch::wish(char c) {
  if (c == '\n') return State::line_start;
  if (c == ' ' || c == '\t' || c == '\r') return State::wish;
  if (wish_length_ < wish_.size()) wish_[wish_length_++] = ascii_lower(c);
  return State::wish;
}

// A field that came twice has left more than two letters.
bool HeaderWatch::tls_required_no() const {
  return std::string_view(wish_.data(), wish_length_) == "no";
}

HeaderWatch::State HeaderWatch::step(char c) {
  switch (state_) {
    case State::line_start:
      return line_start(c);
    case State::name:
      return name(c);
    case State::name_end:
      return c == ':' || c == ' ' || c == '\t' ? (c == ':' ? name(c) : State::name_end) : State::over;
    case State::value:
      return c == '\n' ? State::line_start : State::value;
    case State::wish:
      return wish(c);
    case State::blank_cr:
    case State::over:
      break;
  }
  return State::over;
}

void HeaderWatch::feed(Bytes bytes) {
  const char* at = reinterpret_cast<const char*>(bytes.data());
  const char* const end = at + bytes.size();
  while (at != end && state_ != State::over) {
    if (state_ == State::value) {
      const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
      const char* const stop = found != nullptr ? static_cast<const char*>(found) : end;
      bytes_ += static_cast<std::uint64_t>(stop - at);
      at = stop;
      if (at == end) return;
    }
    state_ = step(*at++);
    ++bytes_;
  }
}

std::string HeaderField::unfolded() const {
  std::string out;
  out.reserve(body.size());
  for (const char c : body) {
    if (c != '\r' && c != '\n') out += c;
  }
  const std::size_t first = out.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(" \t") - first + 1);
}

namespace {

// The length of the first line with its end.
std::size_t line_length(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text.size() : end + 1;
}

// The length of a name with its colon, or 0 where the line is not a field. `name` is the name's own length.
std::size_t name_length(std::string_view line, std::size_t& name) {
  name = 0;
  while (name < line.size() && is_name_char(line[name])) ++name;
  std::size_t at = name;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return name != 0 && at < line.size() && line[at] == ':' ? at + 1 : 0;
}

}  // namespace

bool HeaderReader::next(HeaderField& field) {
  std::size_t name = 0;
  const std::size_t start = name_length(rest_.substr(0, line_length(rest_)), name);
  if (start == 0) return false;
  std::size_t length = line_length(rest_);
  while (length < rest_.size() && (rest_[length] == ' ' || rest_[length] == '\t')) {
    length += line_length(rest_.substr(length));
  }
  field = {rest_.substr(0, name), rest_.substr(start, length - start), rest_.substr(0, length)};
  rest_.remove_prefix(length);
  return true;
}

bool find_header(std::string_view message, std::string_view name, HeaderField& field) {
  HeaderReader reader(message);
  while (reader.next(field)) {
    if (equals_ignoring_case(field.name, name)) return true;
  }
  return false;
}

std::string_view header_section(std::string_view message) {
  HeaderReader reader(message);
  HeaderField field;
  while (reader.next(field)) {
  }
  return message.substr(0, reader.consumed());
}

}  // namespace postern::mail
