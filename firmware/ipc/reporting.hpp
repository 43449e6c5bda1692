// The messages about TLS reports: sessions on their way to the reporter, and its mail on the way into the
// queue.
//
//   reporter_settings  control: what the reporter is to do; descriptor: settings
//   sessions           control: outcomes of kind session, numbered
//   reporter_report    reporter, every second: up to which number they are safe
//   inject             control, to the data plane: queue this message; descriptor: the message
//   injected           data plane: what became of it
//   report_mail        data plane: a TLS report of others that came by mail; descriptor: the message
//   report_kept        control: whether it is on disk, where the reporter finds it
//
// Numbers begin with 1 in each life of control, which `run` tells apart; what was not reported safe is said
// again after the reporter was away, and what it has already is passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firmware/ipc/message.hpp"
#include "firmware/ipc/outcome.hpp"

namespace postern::ipc {

struct Sessions {
  std::uint64_t run = 0;
  std::uint64_t first = 0;  // number of the first one
  std::vector<Outcome> outcomes;
};
inline constexpr std::size_t kMostSessionsPerMessage = 16;
inline constexpr std::size_t kMostSessionsBytes = 64 + kMostSessionsPerMessage * sizeof(Outcome);

struct ReporterReport {
  std::uint64_t run = 0;
  std::uint64_t safe = 0;     // up to this number
  std::uint64_t planned = 0;  // reports that wait for their time
  std::string trouble;        // empty: none
};

// One sender, one recipient; the message itself comes as a frozen descriptor.
struct Inject {
  std::uint64_t ticket = 0;
  std::string from;
  std::string to;
};

struct Injected {
  std::uint64_t ticket = 0;
  bool stored = false;
  bool again = false;  // not stored, but worth another try
  std::string why;
};

struct ReportMail {
  std::uint32_t shard = 0;
  std::uint64_t ticket = 0;
};

struct ReportKept {
  std::uint32_t shard = 0;
  std::uint64_t ticket = 0;
  bool kept = false;
};

std::vector<std::uint8_t> write_sessions(std::uint64_t run, std::uint64_t first,
                                         std::span<const Outcome> outcomes);
std::optional<Sessions> read_sessions(Bytes body);
std::vector<std::uint8_t> write(const ReporterReport& report);
std::optional<ReporterReport> read_reporter_report(Bytes body);
std::vector<std::uint8_t> write(const Inject& inject);
std::optional<Inject> read_inject(Bytes body);
std::vector<std::uint8_t> write(const Injected& injected);
std::optional<Injected> read_injected(Bytes body);
std::vector<std::uint8_t> write(const ReportMail& mail);
std::optional<ReportMail> read_report_mail(Bytes body);
std::vector<std::uint8_t> write(const ReportKept& kept);
std::optional<ReportKept> read_report_kept(Bytes body);

}  // namespace postern::ipc
