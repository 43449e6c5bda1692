#include "firmware/ipc/reporting.hpp"

#include <cstring>

namespace postern::ipc {
namespace {

constexpr std::size_t kMostText = 1000;
constexpr std::size_t kMostMailbox = 320;

std::string clean(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

}  // namespace

std::vector<std::uint8_t> write_sessions(std::uint64_t run, std::uint64_t first,
                                         std::span<const Outcome> outcomes) {
  Writer writer = begin_message(MessageKind::sessions);
  writer.number(run);
  writer.number(first);
  writer.number(kOutcomeVersion);
  writer.number(static_cast<std::uint32_t>(outcomes.size()));
  writer.raw({reinterpret_cast<const std::uint8_t*>(outcomes.data()), outcomes.size_bytes()});
  return writer.take();
}

std::optional<Sessions> read_sessions(Bytes body) {
  Reader reader(body);
  Sessions sessions;
  sessions.run = reader.number<std::uint64_t>();
  sessions.first = reader.number<std::uint64_t>();
  const auto version = reader.number<std::uint32_t>();
  const auto count = reader.number<std::uint32_t>();
  if (version != kOutcomeVersion || count > kMostSessionsPerMessage) return std::nullopt;
  const auto bytes = reader.raw(count * sizeof(Outcome));
  if (!reader.complete()) return std::nullopt;
  sessions.outcomes.resize(count);
  if (count != 0) std::memcpy(static_cast<void*>(sessions.outcomes.data()), bytes.data(), bytes.size());
  return sessions;
}

std::vector<std::uint8_t> write(const ReporterReport& report) {
  Writer writer = begin_message(MessageKind::reporter_report);
  writer.number(report.run);
  writer.number(report.safe);
  writer.number(report.planned);
  writer.text(std::string_view(report.trouble).substr(0, kMostText));
  return writer.take();
}

std::optional<ReporterReport> read_reporter_report(Bytes body) {
  Reader reader(body);
  ReporterReport report;
  report.run = reader.number<std::uint64_t>();
  report.safe = reader.number<std::uint64_t>();
  report.planned = reader.number<std::uint64_t>();
  report.trouble = clean(reader.text(kMostText));
  if (!reader.complete()) return std::nullopt;
  return report;
}

std::vector<std::uint8_t> write(const Inject& inject) {
  Writer writer = begin_message(MessageKind::inject);
  writer.number(inject.ticket);
  writer.text(inject.from);
  writer.text(inject.to);
  return writer.take();
}

std::optional<Inject> read_inject(Bytes body) {
  Reader reader(body);
  Inject inject;
  inject.ticket = reader.number<std::uint64_t>();
  inject.from = reader.text(kMostMailbox);
  inject.to = reader.text(kMostMailbox);
  if (!reader.complete()) return std::nullopt;
  return inject;
}

std::vector<std::uint8_t> write(const Injected& injected) {
  Writer writer = begin_message(MessageKind::injected);
  writer.number(injected.ticket);
  writer.number(std::uint8_t{injected.stored});
  writer.number(std::uint8_t{injected.again});
  writer.text(std::string_view(injected.why).substr(0, kMostText));
  return writer.take();
}

std::optional<Injected> read_injected(Bytes body) {
  Reader reader(body);
  Injected injected;
  injected.ticket = reader.number<std::uint64_t>();
  injected.stored = reader.number<std::uint8_t>() != 0;
  injected.again = reader.number<std::uint8_t>() != 0;
  injected.why = clean(reader.text(kMostText));
  if (!reader.complete()) return std::nullopt;
  return injected;
}

std::vector<std::uint8_t> write(const ReportMail& mail) {
  Writer writer = begin_message(MessageKind::report_mail);
  writer.number(mail.shard);
  writer.number(mail.ticket);
  return writer.take();
}

std::optional<ReportMail> read_report_mail(Bytes body) {
  Reader reader(body);
  ReportMail mail;
  mail.shard = reader.number<std::uint32_t>();
  mail.ticket = reader.number<std::uint64_t>();
  if (!reader.complete()) return std::nullopt;
  return mail;
}

std::vector<std::uint8_t> write(const ReportKept& kept) {
  Writer writer = begin_message(MessageKind::report_kept);
  writer.number(kept.shard);
  writer.number(kept.ticket);
  writer.number(std::uint8_t{kept.kept});
  return writer.take();
}

std::optional<ReportKept> read_report_kept(Bytes body) {
  Reader reader(body);
  ReportKept kept;
  kept.shard = reader.number<std::uint32_t>();
  kept.ticket = reader.number<std::uint64_t>();
  kept.kept = reader.number<std::uint8_t>() != 0;
  if (!reader.complete()) return std::nullopt;
  return kept;
}

}  // namespace postern::ipc
