// What control and the resolver tell each other besides policy_memory.hpp.
//
// resolver_settings (control, first): with it comes one descriptor, a frozen settings snapshot.
// resolver_report (resolver, every second and on change): how it is, and its counters.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/ipc/message.hpp"
#include "platform/base/counters.hpp"

namespace postern::ipc {

#define POSTERN_RESOLVER_COUNTERS(X)                                             \
  X(questions, "questions of packet cores about a domain")                       \
  X(questions_malformed, "questions that name no domain")                        \
  X(answered_at_once, "questions whose answer was there")                        \
  X(joined, "questions that joined a lookup under way")                          \
  X(refresh_hints, "domains in use whose facts run out soon")                    \
  X(answers_lost, "answers for which a core's ring had no room")                 \
  X(lookups, "lookups of a domain begun")                                        \
  X(lookups_failed, "lookups in which something failed or was forged")           \
  X(lookups_bogus, "lookups with an answer whose signature does not hold")       \
  X(lookup_ns, "time all lookups took together, ns")                             \
  X(sts_refreshes, "MTA-STS policies fetched again ahead of their end")          \
  X(sts_fetch_failed, "lookups in which an MTA-STS policy could not be fetched") \
  X(dns_questions, "DNS questions given to the library")                         \
  X(domains_loaded, "domains taken over from the cache on disk")                 \
  X(policies_loaded, "MTA-STS policies taken over from the cache on disk")       \
  X(store_failed, "writes to the cache on disk that failed")                     \
  X(domains, "domains remembered now")                                           \
  X(policies, "MTA-STS policies in force now")                                   \
  X(under_way, "lookups under way now")                                          \
  X(table_entries, "domains in the snapshot table now")                          \
  X(table_evicted, "domains taken out of the snapshot table to make room")
POSTERN_DEFINE_COUNTERS(ResolverCounters, POSTERN_RESOLVER_COUNTERS);

struct ResolverReport {
  bool ready = false;   // the cache is in the table: the memory can be given to the data plane
  std::string trouble;  // one line; empty: none
  ResolverCounters counters;
};

std::vector<std::uint8_t> write(const ResolverReport& report);
std::optional<ResolverReport> read_resolver_report(Bytes body);

}  // namespace postern::ipc
