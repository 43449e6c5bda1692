// The rows about mail that goes out: to the internet, and from whom.
#pragma once

#include <array>

#include "firmware/ipc/settings_rows.hpp"

namespace postern::ipc::settings_rows {

inline constexpr auto kOutRows = std::to_array<Setting>({
    // Mail to the internet.
    choice("outbound.via", "internet", "internet|office", live,
           "Where mail for domains not served goes: to their own servers, or to the office's servers."),
    number("outbound.port", "25", 1, 65535, "TCP port", live, "Where mail servers on the internet listen."),
    number("outbound.parts", "4000", 16, 1000000, "parts", live,
           "Most parts of messages under way at once, per core; a message has one for each domain."),
    number("outbound.connections", "500", 1, 100000, "connections", live,
           "Most connections to the internet at once, per core."),
    number("outbound.connections_per_destination", "8", 1, 10000, "connections", live,
           "Most connections for one domain, per core; it begins with fewer and earns more."),
    number("outbound.first_connections", "2", 1, 10000, "connections", live,
           "Connections a domain may have before any message went through."),
    number("outbound.connections_per_host", "16", 1, 10000, "connections", live,
           "Most connections to one address, whatever the domains, per core."),
    number("outbound.messages_per_connection", "100", 1, 100000, "messages", live,
           "Messages sent over one connection before a fresh one is opened."),
    time("outbound.idle", "3s", 0, kHour, live, "How long an unused connection is kept."),
    time("outbound.connect_timeout", "30s", kSecond, 10 * kMinute, live,
         "Longest wait for a connection to one address."),
    time("outbound.next_address", "2s", 10 * kMs, kMinute, live,
         "While a connection takes longer than this, the next address is tried beside it."),
    time("outbound.policy_timeout", "1m", kSecond, kHour, live,
         "Longest wait for what a domain promises; then its mail waits in the queue."),
    time("outbound.retry_first", "30s", kSecond, kHour, live,
         "How long a domain none of whose servers could be used is left alone; it doubles each time."),
    time("outbound.retry_most", "15m", kSecond, kDay, live, "Longest time a domain is left alone."),
    time("outbound.delay_notice", "4h", 0, 30 * kDay, live,
         "After this long a sender hears that the mail is delayed; 0: never."),
    time("outbound.greeting_timeout", "5m", kSecond, kHour, live, "Longest wait for a server's greeting."),
    time("outbound.command_timeout", "5m", kSecond, kHour, live, "Longest wait for the reply to a command."),
    time("outbound.data_timeout", "3m", kSecond, kHour, live, "Longest stall while a message is being sent."),
    time("outbound.final_timeout", "10m", kSecond, kHour, live,
         "Longest wait for the reply to a whole message."),
    one("outbound.dane", boolean, "true", live, "TLSA records count (RFC 7672)."),
    one("outbound.mta_sts", boolean, "true", live, "MTA-STS policies count (RFC 8461)."),
    one("outbound.dane_insecure_mx", boolean, "false", live,
        "TLSA records of signed hosts count though the domain itself is unsigned."),
    one("outbound.wait_for_first_sts_policy", boolean, "false", live,
        "Mail waits for a domain that announces MTA-STS and whose policy could never be fetched yet."),
    choice(
        "outbound.at_least", "opportunistic", "opportunistic|mandatory|pkix", live,
        "What is insisted on for every domain, whatever it promises: nothing, TLS, or a valid certificate."),
    one("outbound.own_demand_stands", boolean, "false", live,
        "What outbound.at_least and outbound.overrides demand holds though a sender says \"TLS-Required: No\" "
        "(RFC 8689), which else sets all demands aside."),
    many("outbound.overrides", text, "", live,
         "Rules for single domains that end by themselves, as \"DOMAIN KIND DEMAND DATE REASON\": KIND is "
         "at-least "
         "or instead, DEMAND is plaintext, opportunistic, mandatory, pkix, dane or dane+pkix, DATE is the "
         "last "
         "day (2027-01-31); .DOMAIN stands for all below it."),

    // Who may send through the box.
    many("submission.networks", prefix, "", live,
         "Networks whose hosts may send to anybody, by their address alone: the office's mail servers."),
    ports("submission.ports", "587",
          "Ports for those who may send to anybody, and for nobody else; STARTTLS."),
    owners(
        secret(many("submission.users", text, "", live,
                    "Who may log in, as \"NAME HASH\": HASH is what 'postern password' prints (argon2id)."))),
    owners(one("submission.client_ca", path, "", restart,
               "File with the authorities (PEM) whose client certificates count as a login at submission.ports "
               "and listen.smtps; empty: none are believed.")),
    owners(many("submission.client_names", text, "", live,
                "Of the certificates of submission.client_ca, only those of the ones named here count: by their "
                "first mailbox, else their first DNS name, else their common name; empty: all of them.")),
    owners(many("submission.client_pins", text, "", live,
                "Client certificates that count as a login whoever signed them and whatever their dates, as "
                "\"NAME FINGERPRINT\": FINGERPRINT is the SHA-256 of the certificate or of its public key "
                "(SubjectPublicKeyInfo), with or without colons.")),
    one("submission.client_everywhere", boolean, "false", live,
        "Ask for client certificates at listen.smtp, too."),
    one("submission.hide_client", boolean, "true", live,
        "Leave the address and name of a logged-in user's device out of our Received line."),
    one("submission.any_sender", boolean, "false", live,
        "Logged-in users may send from domains that are not served here."),
    number("submission.logins_per_session", "3", 1, 100, "logins", live,
           "Wrong logins in one connection; then 421 4.7.0."),
    number("submission.failures", "20", 1, 1000000, "logins", live,
           "Wrong logins of one network (IPv4 /24, IPv6 /56), per core; then it waits."),
    time("submission.failures_time", "10m", kSecond, kDay, live, "How long it waits."),
    number("submission.waiting", "32", 1, 1000, "logins", live,
           "Most logins being checked at once, per core."),
    time("submission.login_timeout", "20s", kSecond, kHour, live, "Longest wait for a login's check."),
});

}  // namespace postern::ipc::settings_rows
