// BDAT: a counted piece of the message follows. RFC 3030 §2.
//
// The octets come whatever we answer, so saying no means stepping over them first.
#include <algorithm>

#include "firmware/mail/text.hpp"
#include "firmware/smtp/server/message.hpp"
#include "firmware/smtp/server/parameters.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {
namespace {

bool parse_chunk(Command& command) {
  const std::size_t space = std::min(command.argument.find(' '), command.argument.size());
  const std::string_view rest = command.argument.substr(space);
  command.last = mail::equals_ignoring_case(rest.substr(std::min<std::size_t>(rest.size(), 1)), "LAST");
  return parse_number(command.argument.substr(0, space), command.chunk) && (rest.empty() || command.last);
}

// The largest chunk that is stepped over for the sake of the session.
std::uint64_t swallow_limit(const ServerSettings& settings) {
  return 2 * settings.message_bytes;
}

}  // namespace

Refusal check_bdat(const Server::State& state, Command& command) {
  if (!parse_chunk(command)) return Refusal::bad_argument;
  if (command.chunk > swallow_limit(state.settings)) return Refusal::chunk_too_big;
  const std::uint64_t so_far = state.stage == kChunks ? state.message_bytes : 0;
  return command.chunk > state.settings.message_bytes - so_far ? Refusal::message_too_big : Refusal::none;
}

void act_bdat(Server::State& state, const Command& command) {
  state.chunk_size = command.chunk;
  state.chunk_left = command.chunk;
  state.chunk_last = command.last;
  if (state.stage == kChunks) {
    state.mode = Mode::body;
    state.input_seen = state.now.instant;
    return;
  }
  begin_message(state, true);
}

void refuse_bdat(Server::State& state, const Command& command, Refusal refusal) {
  Command parsed = command;
  const bool readable = parse_chunk(parsed);
  if (!readable || parsed.chunk > swallow_limit(state.settings)) {
    // Nobody can say where the next command begins.
    refuse(state, readable ? Refusal::chunk_too_big : Refusal::bad_argument);
    state.reset_transaction();
    state.mode = Mode::close;
    return;
  }
  state.chunk_left = parsed.chunk;
  swallow_chunk(state, refusal);
}

}  // namespace postern::smtp
