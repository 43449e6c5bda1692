#include "firmware/smtp/client/reply_reader.hpp"

#include <algorithm>

#include "firmware/mail/text.hpp"

namespace postern::smtp {
namespace {

// RFC 5321 §4.5.3.1.5 promises 512 octets; servers that explain themselves send more.
constexpr std::size_t kLineMax = 2048;
constexpr std::size_t kReplyMax = 32 * 1024;
constexpr std::size_t kLinesMax = 128;
constexpr std::size_t kTextMax = 512;

// The length of "class.subject.detail" at the front of `text`, 0 where it has none of that class.
std::size_t status_length(std::string_view text, char first) {
  if (text.size() < 5 || text[0] != first || text[1] != '.') return 0;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t begin = at;
    while (at < text.size() && mail::ascii_digit(text[at]) && at - begin < 3) ++at;
    if (at == begin) return 0;
    if (part == 0 && (at == text.size() || text[at++] != '.')) return 0;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

}  // namespace

bool ReplyReader::add_line(std::string_view line) {
  const bool digits = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, mail::ascii_digit);
  if (!digits || line[0] < '2' || line[0] > '5') return false;
  const auto code =
      static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
  if (open_ && code != reply_.code) return false;  // RFC 5321 §4.2.1
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return false;
  if (!open_) reply_ = {};
  bytes_ = open_ ? bytes_ + line.size() : line.size();
  if (bytes_ > kReplyMax || reply_.lines.size() >= kLinesMax) return false;
  open_ = line.size() > 3 && line[3] == '-';
  reply_.code = code;
  std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view{};
  reply_.lines.emplace_back(text);
  const std::size_t status = status_length(text, line[0]);
  if (reply_.status.empty()) reply_.status = text.substr(0, status);
  text.remove_prefix(std::min(text.size(), status == 0 ? 0 : status + 1));
  if (!reply_.text.empty()) reply_.text += ' ';
  reply_.text += mail::printable(text, kTextMax - std::min(kTextMax, reply_.text.size()));
  return true;
}

ReplyKind ReplyReader::next(Bytes& input) {
  while (true) {
    const Line line = line_.next(input, kLineMax);
    if (line.kind == LineKind::need_more) return ReplyKind::need_more;
    if (line.kind != LineKind::line || !add_line(line.text)) return ReplyKind::malformed;
    if (!open_) return ReplyKind::reply;
  }
}

}  // namespace postern::smtp
