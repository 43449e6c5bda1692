// What the data plane tells about each message and each session to another mail server: one fixed-size record
// through a ring in shared memory. Telling is not keeping: the spool knows what is owed; a full ring loses
// log lines (counted), never mail.
#pragma once

#include <cstdint>

namespace postern::ipc {

inline constexpr std::uint32_t kOutcomeVersion = 2;

enum class OutcomeKind : std::uint8_t {
  accepted,
  delivered,
  deferred,
  bounced,
  refused,
  session,  // an attempt to reach a host of a recipient's domain, for TLS reports (RFC 8460 §4.3)
  delayed,  // the sender was told that it takes longer
  // A person did it; `reply` says who.
  held,
  released,
  hurried,
  rerouted,
  returned,
  dropped,
};

// How one of the two policies fared in a session; numbers are those of firmware/policy/tlsrpt/result.hpp.
struct PolicyOutcome {
  std::uint8_t policy;  // PolicyType: no_policy_found, tlsa, sts
  std::uint8_t result;  // ResultType: 0 is success
  std::uint8_t zero[6];
  char code[64];  // failure-reason-code
};

// Only in records of kind session. Both results always count, each for its own policy.
struct SessionOutcome {
  std::uint8_t present;          // 1: this is filled in
  std::uint8_t tls_required_no;  // the message said "TLS-Required: No" (RFC 8689 §3): not to be counted as a
                                 // failure of the domain
  std::uint8_t is_report;        // the message is a TLS report itself: not to be reported about
  std::uint8_t connected;        // TCP was established
  std::uint8_t secured;          // MAIL would have been sent under TLS
  std::uint8_t insist;           // policy::Insist
  std::uint8_t zero[2];
  std::int64_t facts_learned_ns;  // policy::Facts::learned: which facts were applied
  std::uint8_t local[16];         // our address (sending-mta-ip)
  PolicyOutcome dane;
  PolicyOutcome sts;
  char sts_id[40];        // of the MTA-STS policy applied
  char mx_host[256];      // receiving-mx-hostname
  char helo[64];          // what the server called itself (receiving-mx-helo)
  char information[160];  // failure-reason for people: alert, library's or server's words
};

struct Outcome {
  std::uint64_t wall_ns;  // UTC, ns since 1970
  std::uint64_t spool_id;
  std::uint64_t bytes;
  std::uint64_t duration_ns;  // accepted: first byte to durable; delivered: durable to the server's reply
  std::uint32_t recipients;
  std::uint16_t code;  // SMTP reply code, ours or the other server's
  OutcomeKind kind;
  std::uint8_t shard;
  std::uint8_t peer[16];  // IPv4-mapped
  char tls_version[16];   // zero-terminated texts, cut to fit
  char tls_cipher[48];
  char sender[128];
  char recipient[128];  // the first one
  char reply[160];
  char host[128];     // the other server's name, where it has one
  char domain[256];   // the recipients' domain; empty towards the office
  char insisted[96];  // what TLS was insisted on, and why
  SessionOutcome session;
};

}  // namespace postern::ipc
