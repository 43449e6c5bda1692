// The text of a message on its way in: by DATA or BDAT, into the spool or, where it was refused, into
// nothing.
#pragma once

#include <optional>
#include <string_view>

#include "firmware/smtp/server.hpp"
#include "firmware/smtp/server/refusal.hpp"
#include "firmware/smtp/server/state.hpp"

namespace postern::smtp {

// The envelope is complete: asks the driver to prepare (mode ask_begin).
void begin_message(Server::State& state, bool chunked);
void message_begun(Server::State& state, StoreAnswer answer);
void message_stored(Server::State& state, StoreAnswer answer, std::string_view spool_id);

// Steps over chunk_left bytes, then refuses.
void swallow_chunk(Server::State& state, Refusal refusal);

// One step through `input` in the modes body, drain, linger and swallow; nothing: go on.
std::optional<Step> receive_text(Server::State& state, Bytes& input);
std::optional<Step> drain_text(Server::State& state, Bytes& input);
std::optional<Step> linger(Server::State& state, Bytes& input);
std::optional<Step> swallow(Server::State& state, Bytes& input);

}  // namespace postern::smtp
