// Whether an envelope can be sent to this server, and the commands that carry it.
#pragma once

#include <string>

#include "firmware/smtp/client/state.hpp"

namespace postern::smtp {

// Settles every recipient that this server cannot get: the message is too big (RFC 1870 §6.2), needs an
// extension that is not offered (RFC 6152 §3, RFC 6531 §3.2), an address cannot stand in a command, or there
// are too many recipients for one transaction (RFC 9422).
void refuse_unsendable(Client::State& state);

// Why mail for `path` cannot be sent to a server with these offers; code 0: it can.
RecipientResult judge_path(const Extensions& offers, const mail::Path& path);
bool needs_utf8(const mail::Path& path);

// Without CRLF.
std::string mail_command(const Client::State& state);
std::string rcpt_command(const Client::State& state, const mail::Recipient& recipient);

}  // namespace postern::smtp
