// `postern reports` and `postern dkim`: what --help prints.
#pragma once

#include <string_view>

namespace postern::control::cli {

inline constexpr std::string_view kReportsHelp =
    "usage: postern reports [received] [-n COUNT] [--json]\n"
    "       postern reports show NUMBER [--json]\n"
    "       postern reports sent [-n COUNT] [--json]\n"
    "       postern reports import FILE... [--json]\n"
    "\n"
    "Reports about TLS in mail (RFC 8460): what others report about mail to us, and what became of our "
    "reports to\n"
    "them. They are read from the database that tlsrpt.database names.\n"
    "\n"
    "  received         reports that came in, newest first; the default\n"
    "  show NUMBER      one of them with every failure; the number is in the list\n"
    "  sent             our reports by day and domain, and what came of each address\n"
    "  import FILE...   takes in reports: mail messages as they arrived, JSON, or gzip of JSON; '-' is "
    "standard\n"
    "                   input, so that a mail server can hand a report mailbox over\n"
    "  -n COUNT         how many are listed (default 50)\n"
    "  --database FILE  another database than the one in the settings\n"
    "\n"
    "exit status: 0 done; 1 there is no such report, or a file is none; 2 the command line is wrong.\n";

inline constexpr std::string_view kDkimHelp =
    "usage: postern dkim make DOMAIN SELECTOR FILE [-a rsa|ed25519] [-b BITS] [--tlsrpt]\n"
    "       postern dkim record DOMAIN SELECTOR FILE [--tlsrpt] [--json]\n"
    "       postern dkim [list] [--json]\n"
    "\n"
    "Keys that sign outgoing mail (DKIM).\n"
    "\n"
    "  make      makes a private key in FILE, which must not exist, and prints the DNS record and the block "
    "for\n"
    "            the settings file\n"
    "  record    prints the DNS record of the key in FILE\n"
    "  list      the records of all keys in the settings; the default\n"
    "  -a KIND   rsa (the default: everybody can check it) or ed25519 (RFC 8463)\n"
    "  -b BITS   of an RSA key (default 2048)\n"
    "  --tlsrpt  for a key that signs TLS reports only (s=tlsrpt, RFC 8460)\n"
    "\n"
    "exit status: 0 done; 1 a file cannot be read or written, or holds no key; 2 the command line is "
    "wrong.\n";

}  // namespace postern::control::cli
