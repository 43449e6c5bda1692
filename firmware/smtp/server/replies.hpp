// The one place where the server's answers are made: a refusal becomes a reply, a counter and, where it has
// to, the end of the session. RFC 5321 §4.2, enhanced codes RFC 3463.
#pragma once

#include <string_view>

#include "firmware/smtp/counters.hpp"
#include "firmware/smtp/server/state.hpp"

namespace postern::smtp {

struct RefusalReply {
  Refusal refusal;
  std::string_view code;  // "550 5.7.1"
  std::string_view text;
  Counter Counters::*counter;
  bool error = true;    // counts against the client's errors
  bool closes = false;  // the session ends with it
};

const RefusalReply& reply_for(Refusal refusal);

// "250 2.1.0 sender ok": one whole line without CRLF.
void say(Server::State& state, std::string_view line);

// Answers with the refusal, counts it, and closes where it or the number of errors demands. `words` replace
// the table's text where there are any.
void refuse(Server::State& state, Refusal refusal, std::string_view words = {});

// Only counts: for a refusal that is said later.
void count(Server::State& state, Refusal refusal);

}  // namespace postern::smtp
