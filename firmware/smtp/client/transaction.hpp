// One message, or one question about a recipient: RSET, MAIL, RCPT, then DATA or BDAT. RFC 5321 §3.3, RFC
// 2920, RFC 3030.
#pragma once

#include <vector>

#include "firmware/smtp/client/state.hpp"

namespace postern::smtp {

void begin_delivery(Client::State& state, const mail::Envelope& envelope, std::vector<std::uint32_t> wanted,
                    std::uint64_t size);
void begin_probe(Client::State& state, const mail::Path& recipient);

void take_rset(Client::State& state, const Reply& reply, Expected expected);
void take_mail(Client::State& state, const Reply& reply, Expected expected);
void take_rcpt(Client::State& state, const Reply& reply, Expected expected);
void take_data(Client::State& state, const Reply& reply, Expected expected);
void take_chunk(Client::State& state, const Reply& reply, Expected expected);
void take_final(Client::State& state, const Reply& reply, Expected expected);

// Every command so far has its reply: what comes next.
void commands_answered(Client::State& state);

// The body can be taken now: the step need_body.
bool wants_body(const Client::State& state);
std::size_t take_body(Client::State& state, Bytes bytes);
void end_body(Client::State& state);

}  // namespace postern::smtp
