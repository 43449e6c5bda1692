// The table of commands: what can be shown and followed. One row serves the console and `postern`.
#include "firmware/control/console/commands.hpp"

#include <array>

namespace postern::control::console {

namespace {

using enum Mode;
using enum Act;
using enum Role;

constexpr auto kShow = std::to_array<Row>({
    {operate, "show status", "how the box is, on one screen", auditor, program, "status"},
    {operate, "show version", "version, slot and how long it has run", auditor, Act::ask, "status", nullptr,
     view::version},
    {operate, "show counters [<room>] [all]", "everything that is counted, with its meaning", auditor,
     program, "counters {room} {all:-a}"},
    {operate, "show log [last <number>]", "what became of each message", help_desk, program,
     "log -n {number}"},
    {operate, "show queue [to-domain <domain>] [from <address>] [older <age>] [all]",
     "messages that wait to be delivered", help_desk, program,
     "queue list --to-domain {domain} --from {address} --older {age} {all:-a}"},
    {operate, "show queue message <id>", "one message of the queue, with every recipient", help_desk, program,
     "queue show {id}"},
    {operate, "show message <id>", "the time line of one message: sessions, TLS, replies", help_desk, program,
     "trace {id}"},
    {operate, "show tls policy <domain>", "what TLS is insisted on for a domain, and why", help_desk, program,
     "check policy {domain}"},
    {operate, "show tls dane <host>", "the TLSA records of one mail server, and whether they match",
     help_desk, program, "check dane {host}"},
    {operate, "show reports [last <number>]", "reports about TLS that others sent", auditor, program,
     "reports received -n {number}"},
    {operate, "show reports sent [last <number>]", "our own reports, and what became of them", auditor,
     program, "reports sent -n {number}"},
    {operate, "show report <number>", "one report with every failure", auditor, program,
     "reports show {number}"},
    {operate, "show dkim", "the DNS records of the keys that sign mail", auditor, program, "dkim list"},
    {operate, "show keys", "keys and certificates: names, days left, fingerprints", auditor, Act::ask,
     "keys.list", nullptr, view::keys},
    {both, "show settings [<setting>]", "what is set and in force", auditor, Act::ask, "settings.show",
     console::ask::running, view::values},
    {both, "show settings of <generation>", "what was set in an earlier generation", auditor, Act::ask,
     "settings.show", console::ask::generation, view::values},
    {both, "show candidate [<setting>]", "what would be set after commit", auditor, Act::ask, "settings.show",
     console::ask::candidate, view::values},
    {both, "show meaning <setting>", "everything about one setting: type, range, default, what it does",
     auditor, Act::ask, "settings.schema", nullptr, view::described},
    {both, "show history [last <number>]", "generations of the settings: who, when, why", auditor, Act::ask,
     "settings.history", console::ask::history, view::history},
    {both, "show changes <generation>", "what a generation changed against the one before", auditor, Act::ask,
     "settings.compare", console::ask::changes, view::compare},
    {both, "show state", "generation in force, waiting confirmation, locks, cores", auditor, Act::ask,
     "settings.state", nullptr, view::state},
    {operate, "monitor mail", "follow what becomes of each message", help_desk, own, "monitor mail"},
    {operate, "monitor dataplane", "rates, sessions and cores, live", auditor, own, "monitor dataplane"},
    {operate, "monitor queue", "what waits, by destination, live", help_desk, own, "monitor queue"},
});

}  // namespace

std::span<const Row> show_rows() {
  return kShow;
}

std::span<const Row> rows() {
  static const auto kAll = [] {
    std::vector<Row> all;
    for (const auto part : {show_rows(), request_rows(), configure_rows()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return kAll;
}

}  // namespace postern::control::console
