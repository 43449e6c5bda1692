#include "firmware/smtp/server/message.hpp"

#include <algorithm>
#include <string>

#include "firmware/smtp/server/replies.hpp"

namespace postern::smtp {
namespace {

constexpr Step kNeedInput{StepKind::need_input, {}};

Refusal refusal_of(StoreAnswer answer) {
  if (answer == StoreAnswer::unwanted) return Refusal::no_tls_report;
  return answer == StoreAnswer::no_space ? Refusal::no_space : Refusal::store_failed;
}

Refusal refusal_of(ScanKind fault) {
  switch (fault) {
    case ScanKind::bare_cr:
      return Refusal::bare_cr_in_text;
    case ScanKind::bare_lf:
      return Refusal::bare_lf_in_text;
    case ScanKind::nul:
      return Refusal::nul_in_text;
    default:
      return Refusal::text_line_too_long;
  }
}

// The message is refused in the middle of its text.
void fail_message(Server::State& state, Refusal refusal) {
  state.abandon();
  if (state.chunked) return swallow_chunk(state, refusal);
  state.scanner.drain();
  if (reply_for(refusal).closes) {
    // Said at once: whoever waits for an answer to what it takes for the end shall not wait. Nothing that
    // follows is read as a command.
    refuse(state, refusal);
    state.mode = Mode::linger;
    state.lingering_since = state.now.instant;
    return;
  }
  state.message_refusal = refusal;
  state.mode = Mode::drain;
}

// Counts a piece of text; says what limit it breaks.
Refusal account(Server::State& state, Bytes piece) {
  const ServerSettings& settings = state.settings;
  state.message_bytes += piece.size();
  if (!state.header.over()) {
    state.header.feed(piece);
    if (state.header.bytes() > settings.header_bytes) return Refusal::header_too_big;
    if (state.header.received() > settings.received_hops) return Refusal::too_many_hops;  // RFC 5321 §6.3
  }
  return state.message_bytes > settings.message_bytes ? Refusal::message_too_big : Refusal::none;
}

void end_text(Server::State& state) {
  state.mode = Mode::ask_end;
  state.asked = false;
}

void end_chunk(Server::State& state) {
  ++state.counters.bdat_chunks;
  if (state.chunk_last) {
    if (!state.scanner.complete()) return fail_message(state, Refusal::bare_cr_in_text);
    return end_text(state);
  }
  say(state, "250 2.0.0 " + std::to_string(state.chunk_size) + " octets received");
  state.stage = kChunks;
  state.next_command();
}

// The part of the input that belongs to the message as far as known.
Bytes text_window(const Server::State& state, Bytes input) {
  if (!state.chunked) return input;
  return input.first(static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), state.chunk_left)));
}

void take_text(Server::State& state, Bytes& input, std::size_t count) {
  input = input.subspan(count);
  if (state.chunked) state.chunk_left -= count;
}

// Refused text goes by; false once the message has grown to twice its limit.
bool tolerable(Server::State& state, Bytes piece) {
  state.message_bytes += piece.size();
  return state.message_bytes <= 2 * state.settings.message_bytes;
}

}  // namespace

void begin_message(Server::State& state, bool chunked) {
  state.envelope.arrival = state.now.wall;
  state.scanner = TextScanner(!chunked, state.settings.line_bytes);
  state.header = {};
  state.message_bytes = 0;
  state.chunked = chunked;
  state.mode = Mode::ask_begin;
  state.asked = false;
  state.message_began = state.now.instant;
  state.input_seen = state.now.instant;
}

void message_begun(Server::State& state, StoreAnswer answer) {
  if (answer == StoreAnswer::stored) {
    state.storing = true;
    state.mode = Mode::body;
    if (!state.chunked) say(state, "354 end with a line that has only a dot");
    return;
  }
  if (state.chunked) return swallow_chunk(state, refusal_of(answer));
  refuse(state, refusal_of(answer));
  state.reset_transaction();
  state.next_command();
}

void message_stored(Server::State& state, StoreAnswer answer, std::string_view spool_id) {
  state.storing = false;
  if (answer == StoreAnswer::stored) {
    ++state.messages;
    ++state.counters.messages_accepted;
    state.counters.message_bytes_accepted += state.message_bytes;
    say(state, "250 2.6.0 queued as " + std::string(spool_id));
  } else {
    refuse(state, refusal_of(answer));
  }
  state.reset_transaction();
  state.next_command();
}

void swallow_chunk(Server::State& state, Refusal refusal) {
  state.abandon();
  state.message_refusal = refusal;
  state.mode = Mode::swallow;
  state.input_seen = state.now.instant;
  if (state.stage != kChunks) state.message_began = state.now.instant;
}

std::optional<Step> receive_text(Server::State& state, Bytes& input) {
  if (state.chunked && state.chunk_left == 0) {
    end_chunk(state);
    return {};
  }
  Bytes window = text_window(state, input);
  const std::size_t before = window.size();
  const Scan scan = state.scanner.next(window);
  take_text(state, input, before - window.size());
  switch (scan.kind) {
    case ScanKind::need_more:
      if (input.empty() && !(state.chunked && state.chunk_left == 0)) return kNeedInput;
      return {};
    case ScanKind::piece:
      if (const Refusal refusal = account(state, scan.piece); refusal != Refusal::none) {
        fail_message(state, refusal);
        return {};
      }
      return Step{StepKind::body, scan.piece};
    case ScanKind::end:
      end_text(state);
      return {};
    default:
      fail_message(state, refusal_of(scan.kind));
      return {};
  }
}

std::optional<Step> drain_text(Server::State& state, Bytes& input) {
  const Scan scan = state.scanner.next(input);
  if (scan.kind == ScanKind::need_more) return kNeedInput;
  const bool patient = tolerable(state, scan.piece);
  if (patient && scan.kind != ScanKind::end) return {};
  refuse(state, state.message_refusal);
  state.reset_transaction();
  state.next_command();
  if (!patient) state.mode = Mode::close;
  return {};
}

std::optional<Step> linger(Server::State& state, Bytes& input) {
  const Scan scan = state.scanner.next(input);
  if (scan.kind == ScanKind::need_more) return kNeedInput;
  if (scan.kind == ScanKind::end || !tolerable(state, scan.piece)) state.mode = Mode::close;
  return {};
}

std::optional<Step> swallow(Server::State& state, Bytes& input) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), state.chunk_left));
  input = input.subspan(count);
  state.chunk_left -= count;
  if (state.chunk_left != 0) return kNeedInput;
  refuse(state, state.message_refusal);
  state.reset_transaction();
  state.next_command();
  return {};
}

}  // namespace postern::smtp
