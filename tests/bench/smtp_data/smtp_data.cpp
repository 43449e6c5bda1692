// Not a test: how fast message text goes through the SMTP engines, on one core.
//
// Works on 64 MiB, more than the caches hold: base64 lines of 76 octets as attachments have, and text of
// short lines with some dots. Each row is the median of five rounds, in
// processor time; memcpy and memchr are there to compare with.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "firmware/smtp/client/text_writer.hpp"
#include "firmware/smtp/server.hpp"
#include "firmware/smtp/text_scanner.hpp"

namespace {

using namespace postern;
// The processor time of this thread: on a shared machine the wall clock tells about the others.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

constexpr std::size_t kBytes = 64u << 20;
constexpr std::size_t kRead = 16 * 1024;  // what a TLS record brings

std::string lines(std::size_t length, bool dots) {
  std::string text;
  for (int i = 0; text.size() < kBytes; ++i) {
    if (dots && i % 40 == 0) text += '.';
    text.append(length + static_cast<std::size_t>(dots ? i % 17 : 0), static_cast<char>('a' + i % 26));
    text += "\r\n";
  }
  return text;
}

template <typename Work>
void row(const char* name, const std::string& text, Work work) {
  std::array<double, 5> rates{};
  for (double& rate : rates) {
    const double begin = seconds();
    work(text);
    rate = static_cast<double>(text.size()) / (seconds() - begin) / 1e9;
  }
  std::sort(rates.begin(), rates.end());
  std::printf("%-34s %6.2f GB/s\n", name, rates[2]);
}

volatile std::size_t sink;

void scan(const std::string& text) {
  smtp::TextScanner scanner(true, 998);
  std::size_t sum = 0;
  for (std::size_t at = 0; at < text.size(); at += kRead) {
    Bytes rest = as_bytes(std::string_view(text).substr(at, kRead));
    for (auto next = scanner.next(rest); next.kind == smtp::ScanKind::piece; next = scanner.next(rest)) {
      sum += next.piece.size();
    }
  }
  sink = sum;
}

void copy(const std::string& text) {
  static char to[kRead];
  for (std::size_t at = 0; at + kRead <= text.size(); at += kRead) {
    std::memcpy(to, text.data() + at, kRead);
    asm volatile("" : : "r"(to) : "memory");
  }
}

void find_lines(const std::string& text) {
  std::size_t sum = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
    at = static_cast<const char*>(found) + 1;
    ++sum;
  }
  sink = sum;
}

void write_text(const std::string& text) {
  smtp::TextWriter writer(true);
  std::string out;
  out.reserve(2 * kRead);
  for (std::size_t at = 0; at < text.size(); at += kRead) {
    out.clear();
    writer.write(as_bytes(std::string_view(text).substr(at, kRead)), out);
  }
  sink = out.size();
}

void answer(smtp::Server& server, smtp::StepKind step) {
  if (step == smtp::StepKind::check_recipient) server.recipient_checked(smtp::RecipientAnswer::known);
  if (step == smtp::StepKind::begin_message) server.message_begun(smtp::StoreAnswer::stored);
}

void serve(const std::string& text) {
  smtp::ServerSettings settings;
  settings.served_domains = {"example.org"};
  settings.message_bytes = 1u << 30;
  smtp::Counters counters;
  Now now{Instant{} + std::chrono::hours(1), {}};
  smtp::Server server(settings, counters, {}, now);
  server.replies_sent(server.replies().size());
  std::size_t sum = 0;
  const auto feed = [&](std::string_view part) {
    for (Bytes rest = as_bytes(part);;) {
      const smtp::Step step = server.feed(rest, now);
      if (step.kind == smtp::StepKind::need_input) return;
      if (step.kind == smtp::StepKind::close) std::abort();
      sum += step.body.size();
      answer(server, step.kind);
      server.replies_sent(server.replies().size());
    }
  };
  feed("EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\nSubject: x\r\n\r\n");
  for (std::size_t at = 0; at < text.size(); at += kRead) feed(std::string_view(text).substr(at, kRead));
  sink = sum;
}

}  // namespace

int main() {
  const std::string base64 = lines(76, false);
  const std::string prose = lines(40, true);
  row("memcpy", base64, copy);
  row("memchr per line, 76", base64, find_lines);
  row("scanner, lines of 76", base64, scan);
  row("scanner, lines of 40 with dots", prose, scan);
  row("server DATA, lines of 76", base64, serve);
  row("server DATA, lines of 40, dots", prose, serve);
  row("writer, lines of 76", base64, write_text);
  row("writer, lines of 40 with dots", prose, write_text);
  return 0;
}
