// `postern reports`: TLS reports that came in, and what became of ours.
#include "firmware/control/cli/reports.hpp"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/reporter/store/reports_json.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::cli {

namespace {

using reporter::day_of;
using reporter::Store;
using Access = reporter::Database::Access;

constexpr std::size_t kShown = 50;

// Where the database is: as told, as control says, or where it is by default.
std::string database_path(const Invocation& invocation) {
  if (const auto given = invocation.given.find("--database"); given != invocation.given.end())
    return given->second;
  std::string path;
  if (::access((invocation.run_directory + "/control.sock").c_str(), F_OK) == 0) {
    const auto reply = ask(invocation, {{"command", "settings"}});
    if (reply.status == kDone) path = reply.json["values"].value("tlsrpt.database", "");
  }
  return path.empty() ? "/var/lib/postern/tlsrpt.sqlite" : path;
}

std::size_t wanted(const Invocation& invocation) {
  const auto given = invocation.given.find("-n");
  return given == invocation.given.end() ? kShown : ipc::read_integer(given->second).value_or(kShown);
}

int received(const Invocation& invocation, Store& store) {
  const auto entries = store.received(wanted(invocation));
  Json all = Json::array();
  Table table({{"NUMBER", Table::Align::right},
               {"DAY"},
               {"FROM", Table::Align::left, 30},
               {"ABOUT", Table::Align::left, 40},
               {"GOOD", Table::Align::right},
               {"FAILED", Table::Align::right}});
  for (const auto& one : entries) {
    all.push_back(reporter::received_json(one));
    table.add({std::to_string(one.number), day_of(one.begin), printable(one.organization),
               printable(one.domains), with_separators(one.successes), with_separators(one.failures)},
              one.failures != 0 ? Colour::red : Colour::none);
  }
  if (invocation.json) return print(all);
  if (table.empty()) return std::puts("No reports have come in."), kDone;
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  return kDone;
}

int show(const Invocation& invocation, Store& store) {
  const auto number = invocation.words.size() == 2 ? ipc::read_integer(invocation.words[1]) : std::nullopt;
  if (!number) return complain("show takes the number of a report; 'postern reports' lists them", kUsage);
  const auto read = store.received_report(static_cast<std::int64_t>(*number));
  if (!read) return complain("there is no report " + invocation.words[1], kFailed);
  const auto& report = read->report;
  if (invocation.json) return print(reporter::report_json(report));
  std::printf("from     %s\ncontact  %s\nid       %s\nabout    %s to %s\n",
              printable(report.organization).c_str(), printable(report.contact).c_str(),
              printable(report.id).c_str(), reporter::write_time(report.begin).c_str(),
              reporter::write_time(report.end).c_str());
  for (const auto& policy : report.policies) {
    std::printf("\n%s %s: %s good, %s failed\n", printable(policy.type).c_str(),
                printable(policy.domain).c_str(), with_separators(policy.successes).c_str(),
                with_separators(policy.failures).c_str());
    Table table({{"SESSIONS", Table::Align::right}, {"RESULT"}, {"HOST"}, {"ADDRESS"}, {"CODE"}, {"MORE"}});
    for (const auto& one : policy.details) {
      table.add({with_separators(one.sessions), printable(one.result), printable(one.mx_host),
                 printable(one.receiving_ip), printable(one.code), printable(one.information)});
    }
    if (!table.empty()) std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  }
  return kDone;
}

int sent(const Invocation& invocation, Store& store) {
  const auto reports = store.sent(wanted(invocation));
  Json all = Json::array();
  Table table({{"DAY"}, {"ABOUT", Table::Align::left, 40}, {"STATE"}, {"WHAT CAME OF IT"}});
  for (const auto& one : reports) {
    all.push_back(reporter::sent_json(one));
    auto note = one.state == "planned" ? "for " + reporter::write_time(one.report.next) : std::string();
    if (!one.note.empty()) note += (note.empty() ? "" : "; ") + one.note;
    table.add(
        {day_of(one.report.day * reporter::kDaySeconds), one.report.domain, one.state, printable(note)});
  }
  if (invocation.json) return print(all);
  if (table.empty()) return std::puts("No reports have been planned."), kDone;
  std::fputs(table.text(invocation.cut(), invocation.colour).c_str(), stdout);
  return kDone;
}

Result<std::string, Fault> content_of(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return fault(path + " cannot be read");
  }
  std::istream& from = path == "-" ? std::cin : file;
  std::string content(reporter::kMostMailBytes + 1, '\0');
  from.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(from.gcount()));
  return content;
}

int import(const Invocation& invocation) {
  if (invocation.words.size() < 2) return complain("import takes files; '-' is standard input", kUsage);
  Store store(database_path(invocation));
  Json all = Json::array();
  int status = kDone;
  for (std::size_t i = 1; i < invocation.words.size(); ++i) {
    const auto& path = invocation.words[i];
    const auto content = content_of(path);
    auto report = content ? reporter::read_received(*content) : tl::unexpected(content.error());
    if (!report) {
      status = complain(path + ": " + report.error().reason, kFailed);
      all.push_back({{"file", path}, {"error", report.error().reason}});
      continue;
    }
    const bool fresh = store.keep(*report, std::time(nullptr));
    all.push_back({{"file", path},
                   {"report_id", report->read.report.id},
                   {"new", fresh},
                   {"notes", report->read.notes}});
    if (invocation.json) continue;
    std::printf("%s: report %s by %s, %s\n", path.c_str(), printable(report->read.report.id).c_str(),
                printable(report->read.report.organization).c_str(), fresh ? "taken" : "known already");
    for (const auto& note : report->read.notes) std::printf("  %s\n", printable(note).c_str());
  }
  if (invocation.json) print(all);
  return status;
}

}  // namespace

int reports_command(const Invocation& invocation) {
  const auto verb = invocation.words.empty() ? std::string("received") : invocation.words[0];
  if (verb == "import") return import(invocation);
  if (verb != "received" && verb != "show" && verb != "sent")
    return complain("'" + verb + "' is unknown; see 'postern reports --help'", kUsage);
  const auto path = database_path(invocation);
  if (::access(path.c_str(), F_OK) != 0) {
    if (verb != "show" && invocation.json) return print(Json::array());
    return verb == "show" ? complain("there is no report yet", kFailed)
                          : (std::puts("There is no report yet."), kDone);
  }
  Store store(path, Access::read);
  if (verb == "show") return show(invocation, store);
  return verb == "sent" ? sent(invocation, store) : received(invocation, store);
}

}  // namespace postern::control::cli
