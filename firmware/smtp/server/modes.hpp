// What a session does with its next input, by mode.
#pragma once

#include <optional>

#include "firmware/smtp/server.hpp"
#include "firmware/smtp/server/state.hpp"

namespace postern::smtp {

// One step in the mode the session is in; nothing: there is more to do, call again. Bounded by the input's
// length.
std::optional<Step> mode_step(Server::State& state, Bytes& input);

// A client that speaks before it was greeted does not listen (RFC 5321 §3.1 lets the server speak first).
void notice_early_talk(Server::State& state, Bytes input);

// Closes a session that was told to stop, unless an answer is awaited: then that comes first.
void finish_stop(Server::State& state);

}  // namespace postern::smtp
