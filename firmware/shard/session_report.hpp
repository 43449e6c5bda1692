// What the reporter hears of every attempt to reach a mail server: both policies' results, in the words of
// RFC 8460 §4.3.
#pragma once

#include "firmware/shard/carrier.hpp"
#include "firmware/shard/plan.hpp"
#include "firmware/shard/shard.hpp"

namespace postern::shard {

// A session could be set up (`trouble` null) or not. `part`: for whom it was opened, where that is known.
void report_session(Shard::State& shard, const Outbound& session, const Trouble* trouble, const Part* part);
// A host that must not be used; `barred.host` empty: the whole domain.
void report_barred(Shard::State& shard, std::string_view domain, const Plan& plan, const Barred& barred,
                   const Part* part);

}  // namespace postern::shard
