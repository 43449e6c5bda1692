// The table of commands, with the text of each --help.
#include <array>

#include "firmware/control/cli/admin_help.hpp"
#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/keys.hpp"
#include "firmware/control/cli/reports.hpp"
#include "firmware/control/cli/settings_help.hpp"
#include "firmware/control/cli/update_help.hpp"

namespace postern::control::cli {

namespace {

constexpr std::string_view kStatusHelp =
    "usage: postern status [--json]\n"
    "\n"
    "How the box is: whether the data plane runs and since when, which generation of the settings its cores "
    "have,\n"
    "sessions, messages, queue, TLS, the most frequent refusals, and warnings about what needs a hand.\n"
    "\n"
    "Messages and refusals are counted since the data plane started.\n"
    "\n"
    "exit status: 0 the data plane runs; 4 it does not; 3 postern-control does not run.\n";

constexpr std::string_view kTopHelp =
    "usage: postern top [-d SECONDS] [-n COUNT] [--json]\n"
    "\n"
    "A live view: rates per second, totals, how busy each core is, and the last messages. 'q' ends it.\n"
    "\n"
    "  -d SECONDS  how often to look (default 1)\n"
    "  -n COUNT    print that many screens one below the other and end; into a file or a pipe one is "
    "printed\n"
    "  --json      one JSON object per look: rates, totals, busy share of each core\n";

constexpr std::string_view kLogHelp =
    "usage: postern log [-n COUNT] [-f] [--json]\n"
    "\n"
    "What became of each message: accepted (it is safe on disk), delivered (the office took it), deferred "
    "(it will\n"
    "be tried again), bounced (given back to its sender), refused (never taken). Times are UTC. Terminals of "
    "less than\n"
    "100 columns show no spool ids.\n"
    "\n"
    "  -n COUNT  the last COUNT lines, up to 1000 (default 20)\n"
    "  -f        go on with what comes, until Ctrl-C\n"
    "  --json    one JSON object per line, with bytes, cipher, peer and duration besides\n"
    "\n"
    "All of it, also from before the last 1000, is in the file that log.messages names.\n";

constexpr std::string_view kQueueHelp =
    "usage: postern queue [list] [-a] [--to-domain DOMAIN] [--from ADDRESS] [--id ID,...] [--older TIME]\n"
    "                     [--spool DIR] [--json]\n"
    "       postern queue show ID [--spool DIR] [--json]\n"
    "       postern queue hurry\n"
    "       postern queue hold|release|retry|bounce|drop [ID ...] [FILTER ...] [--comment TEXT] [--yes] "
    "[--json]\n"
    "       postern queue reroute --via ADDRESS:PORT [ID ...] [FILTER ...] [--comment TEXT] [--yes] "
    "[--json]\n"
    "\n"
    "Messages that were accepted and wait to be delivered. They are read from the spool's files, so this "
    "works while\n"
    "the data plane is down.\n"
    "\n"
    "  list         oldest first; the default\n"
    "  show ID      one message with its recipients and what was said about each\n"
    "  hurry        try every message now, instead of when its time comes\n"
    "  -a           list more than the oldest 50\n"
    "  --spool DIR  another spool than the one in the settings\n"
    "\n"
    "What can be done with some of them; without --yes it is only said what would be done:\n"
    "\n"
    "  hold         not tried until released; its time in the queue does not run out meanwhile\n"
    "  release      as before it was held\n"
    "  retry        tried now\n"
    "  reroute      tried over that server instead of by domain; --via domain takes it back\n"
    "  bounce       goes back to its sender with a notice\n"
    "  drop         deleted; nobody is told, the log says who did it (postern trace ID)\n"
    "  --all        every message, where no filter is given\n"
    "\n"
    "What is being delivered at that moment is neither dropped nor given back.\n"
    "\n"
    "Which messages; where several are given, all have to fit:\n"
    "\n"
    "  --to-domain DOMAIN  somebody at that domain still has to get it\n"
    "  --from ADDRESS      its sender; @DOMAIN for everybody there, '<>' for bounces\n"
    "  --id ID,...         these messages\n"
    "  --older TIME        queued at least that long ago: 30m, 12h, 2d\n"
    "  --to ADDRESS        somebody of that address still has to get it (not for list)\n"
    "  --reason TEXT       part of what was said last (not for list)\n";

constexpr std::string_view kTraceHelp =
    "usage: postern trace ID [--log FILE] [--json]\n"
    "\n"
    "The time line of one message: when it was accepted, every session to another mail server that was tried "
    "for\n"
    "it, what TLS was insisted on there and how DANE and MTA-STS fared, every reply, every delay, and its "
    "end.\n"
    "Nothing of its content is shown: the log has none.\n"
    "\n"
    "ID is what 'postern queue' and 'postern log' show, and what stands in our Received line and our 250. "
    "Times\n"
    "are UTC; AFTER counts from the first line that the log still has. Who waits, and for how long, is told "
    "by\n"
    "'postern queue show ID'.\n"
    "\n"
    "  --log FILE  read that message log and FILE.1, FILE.2, ... instead of those of log.messages; the box "
    "need\n"
    "              not run then\n"
    "  --json      {\"id\": ..., \"events\": [...]}, each event as in the log\n"
    "\n"
    "Where log.messages is empty, the last 1000 outcomes in memory are all there is to look at.\n"
    "\n"
    "exit status: 0 found; 1 the log says nothing about it; 2 the command line is wrong, or the log cannot "
    "be "
    "read.\n";

constexpr std::string_view kCountersHelp =
    "usage: postern counters [ROOM] [-a] [--json]\n"
    "\n"
    "Every counter of the data plane with its meaning, all cores added up. Rooms are net, tcp, tls, smtp, "
    "spool,\n"
    "shard and dataplane.\n"
    "\n"
    "  -a      also those that are still zero\n"
    "  --json  with the value of each core\n";

constexpr std::string_view kPasswordHelp =
    "usage: postern password\n"
    "\n"
    "Reads one password from standard input, or asks for it without showing it, and prints its argon2id "
    "hash:\n"
    "what stands behind the name in the setting submission.users.\n";

constexpr std::string_view kReloadHelp =
    "usage: postern reload [--json]\n"
    "\n"
    "Takes the settings file in, if it changed, and hands the settings to all cores, without a break. Where "
    "the file\n"
    "is not right, all "
    "faults are told and the settings before stay in force. Some settings wait for 'postern restart'; they "
    "are named.\n";

constexpr std::string_view kRestartHelp =
    "usage: postern restart [--json]\n"
    "\n"
    "Ends the data plane in order (sessions get ten seconds to finish, nothing accepted is lost) and starts "
    "it again.\n";

constexpr std::string_view kCheckHelp =
    "usage: postern check policy DOMAIN [-v] [--requiretls] [--tls-required-no]\n"
    "       postern check dane HOST[:PORT]\n"
    "       postern check mta-sts-record TEXT\n"
    "       postern check mta-sts-policy FILE\n"
    "       postern check mx-match PATTERN NAME\n"
    "       postern check tlsrpt-record TEXT\n"
    "       postern check tlsrpt-report FILE\n"
    "\n"
    "  policy          what TLS this box insists on for mail to that domain, and why: MX, DNSSEC, TLSA, "
    "MTA-STS\n"
    "  dane            the TLSA records of one mail server, and whether its certificates match them\n"
    "  mta-sts-record  the TXT record at _mta-sts.DOMAIN\n"
    "  mta-sts-policy  the text at https://mta-sts.DOMAIN/.well-known/mta-sts.txt; FILE may be -\n"
    "  mx-match        whether an mx pattern of a policy stands for a server's name\n"
    "  tlsrpt-record   the TXT record at _smtp._tls.DOMAIN\n"
    "  tlsrpt-report   a TLS report: a mail message, JSON, or gzip of it\n"
    "\n"
    "  --dns ADDR:PORT      ask that resolver instead of the internet's root servers\n"
    "  --trust-anchor FILE  believe these DNSSEC keys instead of the root's\n"
    "  --authorities FILE   trust these certificate authorities (default Debian's)\n"
    "  -v                   every question that was asked, with its answer\n"
    "  --requiretls         as for a message with REQUIRETLS; --tls-required-no with TLS-Required: No\n"
    "\n"
    "Judged by the box's own rules and overrides where it runs, else by the defaults. Nothing is sent.\n"
    "\n"
    "exit status: 0 good; 1 what was checked is bad; 2 the command line is wrong, or it cannot be told.\n";

constexpr std::string_view kProbeHelp =
    "usage: postern probe DOMAIN\n"
    "\n"
    "Looks the domain up, connects to every address of its mail servers, does the real handshake, and says "
    "what\n"
    "matched: TLSA records, the web PKI, MTA-STS; overrides of the box where it runs. No mail is sent.\n"
    "\n"
    "  --dns ADDR:PORT      ask that resolver instead of the internet's root servers\n"
    "  --trust-anchor FILE  believe these DNSSEC keys instead of the root's\n"
    "  --authorities FILE   trust these certificate authorities (default Debian's)\n"
    "  --port PORT          where the mail servers listen (default 25)\n"
    "\n"
    "exit status: 0 all servers are as promised; 1 one is not; 2 the command line is wrong, or it cannot be "
    "told.\n";

constexpr std::string_view kVersionHelp = "usage: postern version [--json]\n\nThe version of this program.\n";

constexpr auto kCommands = std::to_array<Command>({
    {"status", "how the box is, on one screen", kStatusHelp, "", "", status_command},
    {"top", "a live view: rates, sessions, cores, last messages", kTopHelp, "", "-d -n", top_command},
    {"log", "what became of each message", kLogHelp, "-f", "-n", log_command},
    {"queue", "messages that wait: look, hold, retry, reroute, bounce, drop", kQueueHelp, "-a --yes --all",
     "--spool --to-domain --to --from --id --older --reason --via --comment", queue_command},
    {"trace", "what happened to one message, step by step", kTraceHelp, "", "--log", trace_command},
    {"counters", "everything that is counted, with its meaning", kCountersHelp, "-a", "", counters_command},
    {"reports", "reports about TLS: received and sent", kReportsHelp, "", "-n --database", reports_command},
    {"dkim", "keys that sign mail, and their DNS records", kDkimHelp, "--tlsrpt", "-a -b", dkim_command},
    {"admin", "first code and password reset for the web administration", kAdminHelp, "--second-factor",
     "--directory", admin_command},
    {"password", "turn a password into what submission.users wants", kPasswordHelp, "", "", password_command},
    {"settings", "what can be set; change, compare, commit, take back", kSettingsHelp, "--secrets --sure",
     "-m -n", settings_command},
    {"check", "what a domain promises; records, policies and reports", kCheckHelp,
     "-v --requiretls --tls-required-no", "--dns --trust-anchor --authorities --port", check_command},
    {"probe", "connect to a domain's mail servers and say what matched", kProbeHelp, "",
     "--dns --trust-anchor --authorities --port", probe_command},
    {"update", "install a new version, go back, say that it stays", kUpdateHelp, "--allow-older",
     "--slots --confirm --settings-generation", update_command},
    {"board", "which machine this is, and whether it agrees", kBoardHelp, "--kernel-line", "--boards --root",
     board_command},
    {"keys", "certificates, keys that sign mail, and secrets", kKeysHelp, "--sure --secret",
     "--names --domain --selector --algorithm --bits --days --use --organization --to --drop "
     "--dns --trust-anchor --authorities --port",
     keys_command},
    {"support-bundle", "what helps to find a fault, in one file", kBundleHelp, "--no-addresses", "--log",
     bundle_command},
    {"reload", "read the settings file again", kReloadHelp, "", "", reload_command},
    {"restart", "end the data plane in order and start it again", kRestartHelp, "", "", restart_command},
    {"version", "the version", kVersionHelp, "", "", version_command},
});

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

}  // namespace postern::control::cli
