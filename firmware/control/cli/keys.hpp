// `postern keys`: the keystore at the command line. And `postern support-bundle`.
#pragma once

#include <string_view>

#include "firmware/control/cli/invocation.hpp"

namespace postern::control::cli {

inline constexpr std::string_view kKeysHelp =
    "usage: postern keys [list|state|show NAME] [--json]\n"
    "       postern keys make NAME --names A,B [--algorithm ecdsa|rsa] [--use mail|web]\n"
    "       postern keys make NAME --domain DOMAIN [--selector S] [--algorithm rsa|ed25519] [--use "
    "mail|reports]\n"
    "       postern keys make NAME --secret [--use mail|web|reporter]\n"
    "       postern keys csr NAME [--names A,B] [--organization TEXT]\n"
    "       postern keys upload NAME CHAIN-FILE [KEY-FILE]\n"
    "       postern keys selfsigned NAME --names A,B [--days N]\n"
    "       postern keys rotate NAME [--selector S] | rotate NAME --to STATE --sure\n"
    "       postern keys look [NAME] [--dns ADDR:PORT] [--trust-anchor FILE] | seen NAME yes|no\n"
    "       postern keys delete NAME --sure\n"
    "       postern keys unlock | protect tpm|passphrase|file [--drop tpm|passphrase|file]\n"
    "\n"
    "The keystore holds certificates' keys, keys that sign mail, and secrets, sealed on disk. Settings name "
    "an\n"
    "entry as keystore:NAME where they name a file else. A key never comes out here.\n"
    "\n"
    "  list        every entry: certificates with their days left, signing keys with their state\n"
    "  state       what opens the store: the TPM, a passphrase, a file; and how the process is confined\n"
    "  make        a new TLS key with a certificate of its own until another is uploaded; a key that signs "
    "mail\n"
    "              (--domain), whose DNS record is printed; a secret (--secret), read from standard input\n"
    "  csr         a request for the key that is there, for an authority to sign\n"
    "  upload      a certificate chain, and its key where that is not here yet; PEM\n"
    "  rotate      a successor for a key that signs mail: new, published once its record is seen in the "
    "DNS,\n"
    "              signing, retiring, removed; --to STATE --sure moves one by hand\n"
    "  look        asks the DNS for the records of keys that sign mail, and moves them on by what is there\n"
    "  seen        the same by hand: its record is (not) in the DNS\n"
    "  unlock      reads the passphrase from standard input\n"
    "  protect     one more way to open the store; --drop takes one away\n"
    "\n"
    "exit status: 0 done; 1 refused, with the reason; 3 postern-control is not running.\n";

inline constexpr std::string_view kBundleHelp =
    "usage: postern support-bundle FILE [--log FILE]...\n"
    "\n"
    "Collects into FILE (.tar.gz) what helps to find a fault: status, counters, settings without their "
    "secrets,\n"
    "generations, versions, hardware, the last log lines. What is in it is listed; look at it before you "
    "give it\n"
    "away. Keys, passwords and the content of mail are not in it; addresses of the message log are, unless\n"
    "--no-addresses.\n"
    "\n"
    "  --log FILE      the last lines of that log too\n"
    "  --no-addresses  local parts of addresses are replaced\n";

int keys_look(const Invocation&);
int keys_command(const Invocation&);
int bundle_command(const Invocation&);

}  // namespace postern::control::cli
