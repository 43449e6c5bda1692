// The table of settings: one row each, ordered by what people look for together.
#include <algorithm>
#include <array>

#include "firmware/ipc/settings_rows.hpp"
#include "firmware/ipc/settings_rows_admin.hpp"
#include "firmware/ipc/settings_rows_net.hpp"
#include "firmware/ipc/settings_rows_out.hpp"

namespace postern::ipc {

namespace {

using namespace settings_rows;

constexpr auto kRows = std::to_array<Setting>({
    // Who we are and whom we serve.
    one("host_name", domain, "postern.invalid", live,
        "The box's own name, in its greeting, in EHLO and in Received lines. It should resolve to the box."),
    many("domains.served", domain, "", live,
         "Domains whose mail is accepted. Mail for any other domain is refused (no open relay)."),
    choice("recipients.verify", "office", "static|office|any", live,
           "How a recipient is checked: in recipients.known, by asking the office server, or not at all."),
    many("recipients.known", mailbox, "", live, "Addresses that exist, for recipients.verify = \"static\"."),
    time("recipients.cache_time", "1h", kSecond, 7 * kDay, live,
         "How long the office server's yes about a recipient is believed."),
    time("recipients.cache_time_unknown", "5m", kSecond, kDay, live,
         "How long the office server's no about a recipient is believed."),
    number("recipients.remembered", "100000", 0, 100000000, "recipients", live,
           "Most answers of the office server remembered, per packet core."),

    // The office's mail servers.
    many("office.servers", endpoint, "", live,
         "The office's mail servers in order of preference, as host:port. The first that works gets the "
         "mail."),
    choice(
        "office.tls", "opportunistic", "plain|opportunistic|pinned|webpki", live,
        "TLS towards the office: never; if offered; only with the key in office.pin; only with a certificate "
        "that public authorities vouch for."),
    one("office.pin", fingerprint, "", live,
        "SHA-256 of the office server's public key (SubjectPublicKeyInfo), for office.tls = \"pinned\"."),
    one("office.name", domain, "", live,
        "The name asked for in TLS and, with office.tls = \"webpki\", the name its certificate must carry."),
    number("office.connections", "8", 1, 1000, "connections per core", live,
           "Most connections to the office at once, per packet core."),
    number("office.messages_per_connection", "100", 1, 100000, "messages", live,
           "Messages sent over one connection before a fresh one is opened."),
    time("office.greeting_timeout", "5m", kSecond, kHour, live, "Longest wait for the office's greeting."),
    time("office.command_timeout", "5m", kSecond, kHour, live, "Longest wait for the reply to a command."),
    time("office.data_timeout", "3m", kSecond, kHour, live, "Longest stall while a message is being sent."),
    time("office.final_timeout", "10m", kSecond, kHour, live,
         "Longest wait for the reply to a whole message."),
    time("office.idle", "5s", 0, kHour, live, "How long an unused connection to the office is kept."),
    time("office.retry_first", "2s", 100 * kMs, kHour, live,
         "How long an office server that failed is left alone; it doubles each time."),
    time("office.retry_most", "2m", kSecond, kDay, live, "Longest time an office server is left alone."),

    // TLS.
    many(
        "tls.certificates", certificate, "", restart,
        "Certificates with the names they serve and their files, one [[tls.certificates]] block each: names, "
        "chain, key. No names: used where nothing else fits."),
    time("tls.ticket_rotation", "6h", kMinute, kDay, live,
         "How often the key that seals session tickets changes."),
    time("tls.ticket_lifetime", "12h", kMinute, 7 * kDay, restart, "How long a session ticket can be used."),
    amount("tls.arena_bytes", "256M", 16 * kMiB, 64 * kGiB, restart,
           "Memory for TLS sessions on each packet core."),
    one("tls.trust_anchors", path, "/etc/ssl/certs/ca-certificates.crt", restart,
        "File with the public authorities believed where a server's certificate has to be valid on the web."),

    // Signing mail.
    many("dkim.keys", dkim_key, "", restart,
         "Keys that sign the mail of a domain and its sub-domains, one [[dkim.keys]] block each: domain, "
         "selector, "
         "key, and service = \"tlsrpt\" for a key that signs TLS reports only. RSA (2048 to 4096 bits) or "
         "Ed25519; "
         "with both, mail carries both signatures. 'postern dkim' makes keys and prints their DNS records."),
    choice("dkim.canonicalization", "relaxed", "relaxed|simple", restart,
           "How much change on the way a signature survives."),
    time("dkim.lifetime", "0s", 0, 365 * kDay, restart,
         "How long a signature says it is good; 0: without end."),

    // Reports about TLS, sent and received.
    one("tlsrpt.send", boolean, "true", live,
        "Tell domains that ask for it, once a day, how TLS towards them fared (RFC 8460)."),
    one("tlsrpt.from", mailbox, "", live,
        "The sender of those reports; empty: tlsrpt at host_name. Its domain should have a DKIM key."),
    one("tlsrpt.organization", text, "", live, "Who reports; empty: host_name."),
    one("tlsrpt.contact", text, "", live, "Whom to ask about a report; empty: tlsrpt.from."),
    time("tlsrpt.spread", "4h", 0, 20 * kHour, live,
         "Reports go out at random times within this long after midnight UTC."),
    time("tlsrpt.retry", "24h", kHour, 7 * kDay, live,
         "How long a report that cannot be handed over is tried again."),
    time("tlsrpt.keep", "90d", kDay, 3650 * kDay, live, "How long results and received reports are kept."),
    one("tlsrpt.receive", mailbox, "", live,
        "The address that our own TLS report records name (rua=mailto:...): reports that come there are kept for "
        "'postern reports' and go no further, anything else is refused. In a domain served; empty: none."),
    one("tlsrpt.database", path, "/var/lib/postern/tlsrpt.sqlite", restart,
        "Where results and reports are kept."),
    one("tlsrpt.allow_private", boolean, "false", live,
        "Post reports to addresses that are not public, too. For tests."),

    // Inbound SMTP.
    one("smtp.offer_starttls", boolean, "true", live, "Offer STARTTLS. Needs a certificate."),
    one("smtp.require_tls", boolean, "false", live, "Refuse mail in clear (530 5.7.0)."),
    one("smtp.refuse_early_talkers", boolean, "true", live,
        "Turn away who speaks before our greeting (554 5.5.0)."),
    amount("smtp.message_bytes", "50M", 64 * kKiB, 2 * kGiB, live, "Largest message (552 5.3.4)."),
    amount("smtp.header_bytes", "256K", 4 * kKiB, 16 * kMiB, live, "Largest message header (552 5.6.0)."),
    amount("smtp.line_bytes", "998", 998, 64 * kKiB, live, "Longest line of a message, without its end."),
    amount("smtp.command_bytes", "2048", 512, 64 * kKiB, live, "Longest command line."),
    number("smtp.recipients", "1000", 100, 100000, "recipients", live,
           "Most recipients of one message (452 4.5.3)."),
    number("smtp.messages_per_session", "1000", 1, 1000000, "messages", live,
           "Messages per connection; then 421 4.7.0."),
    number("smtp.commands_per_session", "20000", 10, 100000000, "commands", live,
           "Commands per connection; then 421 4.7.0."),
    number("smtp.errors_per_session", "20", 1, 10000, "errors", live,
           "Errors per connection; then 421 4.7.0."),
    number("smtp.received_hops", "100", 30, 1000, "lines", live,
           "Most Received lines; more mean that the message goes round in a loop (554 5.4.6)."),
    time("smtp.command_timeout", "5m", kSecond, kHour, live,
         "Longest silence before the next command (421 4.4.2)."),
    time("smtp.data_timeout", "3m", kSecond, kHour, live, "Longest stall while a message is being received."),
    time("smtp.message_timeout", "30m", kSecond, kDay, live, "Longest time for one whole message."),
    time("smtp.stalled_writer", "5m", kSecond, kHour, live,
         "A peer that reads none of our replies this long is cut off."),

    // The spool.
    one("spool.directory", path, "/var/spool/postern", restart,
        "Where accepted messages are kept until delivered."),
    amount("spool.reserve_bytes", "64M", 0, 1024 * kGiB, live,
           "Disk space kept free; below it new mail hears 452 4.3.1."),
    amount("spool.segment_bytes", "64M", kMiB, 4 * kGiB, restart, "Size of one spool file."),
    amount("spool.chunk_bytes", "64K", 4 * kKiB, 16 * kMiB, restart,
           "Size of one piece of a message on disk."),
    amount("spool.chunk_memory", "128M", kMiB, 1024 * kGiB, restart,
           "Memory for pieces under way, per core."),
    amount("spool.cached_message_bytes", "1M", 0, kGiB, restart,
           "Messages up to this size are delivered from memory."),
    number("spool.orders", "128", 1, 65536, "orders", restart,
           "Most orders under way to the disk, per core."),
    number("spool.messages", "200000", 100, 100000000, "messages", restart,
           "Most messages in the queue, per core."),
    time("spool.retry_first", "1m", kSecond, kDay, restart,
         "First wait after a failed attempt; it doubles each time."),
    time("spool.retry_most", "1h", kSecond, 7 * kDay, restart, "Longest wait between two attempts."),
    time("spool.queue_life", "5d", kMinute, 30 * kDay, restart,
         "After this long an undelivered message bounces."),

    // The resolver: what other domains promised. A change of any of these starts it anew; mail goes on.
    many("resolver.forwarders", endpoint, "", live,
         "Resolvers that are asked, as address:port, instead of going from the root servers."),
    many("resolver.roots", endpoint, "", live, "Root servers of a DNS tree of one's own, as address:port."),
    many("resolver.stubs", text, "", live, "Name servers of single zones, as \"zone address:port\"."),
    one("resolver.trust_anchor", path, "", live,
        "File with the root's keys; empty: the internet's, kept up to date by itself (RFC 5011)."),
    many("resolver.negative_anchors", text, "", live,
         "Domains whose broken signatures are passed over for a while, as \"example.com 2026-12-31\"."),
    one("resolver.directory", path, "/var/lib/postern/resolver", live,
        "Where what was learned is kept over restarts."),
    number("resolver.threads", "1", 1, 64, "threads", live, "Threads that look up."),
    number("resolver.domains", "100000", 100, 2000000, "domains", live, "Most domains remembered."),
    number("resolver.lookups", "2000", 10, 100000, "lookups", live, "Most lookups at once, per thread."),
    time("resolver.dns_deadline", "30s", kSecond, 10 * kMinute, live,
         "Longest time for the DNS questions about one domain; what is open then has failed."),
    time("resolver.deadline", "90s", kSecond, 10 * kMinute, live,
         "Longest time for all that is asked about one domain."),
    time("resolver.least_ttl", "10s", kSecond, kHour, live, "What DNS gives shorter is kept this long."),
    time("resolver.longest_ttl", "1h", kSecond, kDay, live, "What DNS gives longer is kept this long."),
    time("resolver.failed_time", "30s", kSecond, kHour, live, "What failed is asked again after this."),
    amount("resolver.record_memory", "32M", kMiB, 16 * kGiB, live, "Memory for DNS records, per thread."),
    one("resolver.dane", boolean, "true", live, "Ask for TLSA records."),
    one("resolver.dane_insecure_mx", boolean, "false", live,
        "Ask for TLSA records of signed hosts though the domain itself is unsigned."),
    one("resolver.mta_sts", boolean, "true", live, "Ask for MTA-STS policies."),
    time("resolver.sts_refresh", "24h", kMinute, 30 * kDay, live,
         "An MTA-STS policy in use is fetched again after this."),
    time("resolver.sts_retry", "5m", kSecond, kDay, live, "After a failed fetch the next one is this far."),
    one("resolver.https_anchors", path, "/etc/ssl/certs/ca-certificates.crt", live,
        "File with the public authorities believed for policy hosts."),
    number("resolver.https_port", "443", 1, 65535, "TCP port", live, "Where policy hosts listen."),
    time("resolver.https_timeout", "1m", kSecond, 5 * kMinute, live, "Longest time for one policy file."),
    one("resolver.private_policy_hosts", boolean, "false", live,
        "Fetch policies from addresses that are not public, too."),

    // What is written down.
    choice("log.level", "info", "error|warning|notice|info|debug", live, "How much is written to the log."),
    one("log.messages", path, "/var/log/postern/messages.jsonl", live,
        "Where each message's fate is written down."),
    amount("log.messages_bytes", "64M", 64 * kKiB, 64 * kGiB, live, "Size at which that file is set aside."),
    number("log.messages_kept", "10", 1, 1000, "files", live, "How many files set aside are kept."),
});

template <std::size_t N, std::size_t M>
constexpr std::array<Setting, N + M> joined(const std::array<Setting, N>& one,
                                            const std::array<Setting, M>& other) {
  std::array<Setting, N + M> all{};
  std::copy(other.begin(), other.end(), std::copy(one.begin(), one.end(), all.begin()));
  return all;
}

constexpr auto kSchema = joined(joined(joined(kRows, kNetRows), kOutRows), kAdminRows);

}  // namespace

std::span<const Setting> settings_schema() {
  return kSchema;
}

}  // namespace postern::ipc
