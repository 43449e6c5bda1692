// The scanner of message text, and the block scan under it, against a plain one that looks at one byte after
// another.
#include <random>
#include <string>

#include "firmware/smtp/client/text_writer.hpp"
#include "firmware/smtp/text_scanner.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::test {
namespace {

using smtp::Scan;
using smtp::ScanKind;
using smtp::TextScanner;

struct Found {
  std::string text;
  ScanKind kind = ScanKind::need_more;
  std::size_t pieces = 0;
};

// Scans until something else than text is found. `cut` bytes come first, the rest after.
Found scan(TextScanner scanner, const std::string& input, std::size_t cut) {
  Found found;
  for (const std::string_view part :
       {std::string_view(input).substr(0, cut), std::string_view(input).substr(cut)}) {
    Bytes rest = as_bytes(part);
    while (true) {
      const Scan next = scanner.next(rest);
      found.kind = next.kind;
      if (next.kind != ScanKind::piece) break;
      found.text += as_text(next.piece);
      ++found.pieces;
    }
    if (found.kind != ScanKind::need_more) break;
  }
  return found;
}

// The same, by the book and slowly. The text before a fault in the same line may differ, so it is not
// compared then.
Found scan_plainly(const std::string& input, std::size_t limit) {
  Found found;
  std::size_t line = 0;
  while (line < input.size()) {
    const std::size_t end = input.find("\r\n", line);
    const std::string text = input.substr(line, end == std::string::npos ? end : end - line);
    if (text == "." && end != std::string::npos) {
      found.kind = ScanKind::end;
      return found;
    }
    const bool dotted = !text.empty() && text[0] == '.';
    std::size_t length = 0;
    for (std::size_t i = dotted ? 1 : 0; i < text.size(); ++i) {
      const bool last = i + 1 == text.size() && end == std::string::npos;
      if (text[i] == '\r' && !last) found.kind = ScanKind::bare_cr;
      if (text[i] == '\r') {
        if (!last) return found;
        continue;
      }
      if (text[i] == '\n') found.kind = ScanKind::bare_lf;
      if (text[i] == '\0') found.kind = ScanKind::nul;
      if (found.kind == ScanKind::need_more && ++length > limit) found.kind = ScanKind::line_too_long;
      if (found.kind != ScanKind::need_more) return found;
    }
    found.text += text.substr(dotted ? 1 : 0);
    if (end == std::string::npos) return found;
    found.text += "\r\n";
    line = end + 2;
  }
  return found;
}

std::string random_text(std::mt19937& random) {
  static constexpr const char* kParts[] = {"\r\n",     "\r\n", "\r\n",
                                           "word ",    "a",    "\r\n..",
                                           "\r\n.",    ".",    "0123456789012345678901234567890123456789",
                                           "\xc3\xa9", "\t",   "line of text\r\n"};
  std::string text;
  const int parts = static_cast<int>(random() % 80);
  for (int i = 0; i < parts; ++i) text += kParts[random() % std::size(kParts)];
  switch (random() % 12) {
    case 0:
      text.insert(random() % (text.size() + 1), "\r");
      break;
    case 1:
      text.insert(random() % (text.size() + 1), "\n");
      break;
    case 2:
      text.insert(random() % (text.size() + 1), 1, '\0');
      break;
    case 3:
      text += "\r\n.\r\nMAIL";
      break;
    default:
      break;
  }
  return text;
}

}  // namespace

TEST_GROUP(text_scanner){};

TEST(text_scanner, agrees_with_a_plain_one_on_random_text_cut_anywhere) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_text(random);
    const std::uint32_t limit = i % 3 == 0 ? 70 : 998;
    const Found expected = scan_plainly(text, limit);
    const Found seen = scan(TextScanner(true, limit), text, random() % (text.size() + 1));
    if (seen.kind != expected.kind) FAIL(("kinds differ on: " + text).c_str());
    // A CR at the very end is handed on before it is known to be half a line end.
    const bool whole = expected.kind == ScanKind::need_more || expected.kind == ScanKind::end;
    const bool pending = text.ends_with('\r') || text.ends_with("\r\n.");
    if (whole && !pending && seen.text != expected.text) FAIL(("texts differ on: " + text).c_str());
  }
}

TEST(text_scanner, hands_on_long_text_in_one_piece) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "a line of quite ordinary length, as it stands in letters and in reports\r\n";
  const Found found = scan(TextScanner(true, 998), text, text.size());
  CHECK(found.text == text);
  LONGS_EQUAL(1, found.pieces);
}

TEST(text_scanner, counts_a_line_across_blocks_exactly) {
  const std::string fits = std::string(998, 'x') + "\r\n";
  LONGS_EQUAL(ScanKind::need_more, scan(TextScanner(true, 998), fits + fits, 5).kind);
  const std::string longer = std::string(999, 'x') + "\r\n";
  LONGS_EQUAL(ScanKind::line_too_long, scan(TextScanner(true, 998), fits + longer, 5).kind);
}

TEST(text_scanner, finds_the_end_after_a_fault_only_where_it_is) {
  TextScanner scanner(true, 998);
  scanner.drain();
  const std::string text = "a\n.\r\nb\r.\r\nc\r\n.\rd\n.\n\r\n..\r\n\r\n.\r\nQUIT";
  Bytes rest = as_bytes(text);
  while (scanner.next(rest).kind != ScanKind::end) CHECK(!rest.empty());
  STRCMP_EQUAL("QUIT", std::string(as_text(rest)).c_str());
}

TEST(text_scanner, reads_back_what_the_writer_wrote) {
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    std::string text = random_text(random);
    smtp::TextWriter writer(true);
    std::string sent;
    const std::size_t cut = random() % (text.size() + 1);
    writer.write(as_bytes(std::string_view(text).substr(0, cut)), sent);
    writer.write(as_bytes(std::string_view(text).substr(cut)), sent);
    writer.end(sent);
    const Found found = scan(TextScanner(true, 100000), sent, sent.size());
    LONGS_EQUAL(ScanKind::end, found.kind);
    if (writer.mended()) continue;
    if (!text.empty() && !text.ends_with("\r\n")) text += "\r\n";
    if (found.text != text) FAIL(("came back different: " + text).c_str());
  }
}

}  // namespace postern::test
