#include "firmware/smtp/client/transaction.hpp"

#include <algorithm>

#include "firmware/smtp/client/sendable.hpp"

namespace postern::smtp {
namespace {

// Bytes on their way out beyond which no more of the body is taken, and the most that is taken at once.
constexpr std::size_t kOutMax = 128 * 1024;
constexpr std::size_t kTakeMax = 128 * 1024;
// A chunk goes out when it has grown to this and more comes: only the end of the body makes a chunk the last.
constexpr std::size_t kChunkMin = 64 * 1024;

void start(Client::State& state, std::size_t recipients) {
  state.results.assign(recipients, {});
  state.progress.assign(recipients, Progress::asked);
  state.end_due = false;
  state.ended = false;
  state.discarded = false;
  state.chunk.clear();
  state.chunked = false;
  state.ready_due = false;
  // RFC 5321 §4.1.4: what is left of a transaction that came to nothing goes first.
  if (state.needs_reset) state.order("RSET", {Expect::rset});
  ++state.messages;
}

void unexpected(Client::State& state, const Reply& reply) {
  ++state.counters.client_unexpected_reply;
  state.fail(451, "4.5.0", "unexpected reply: " + std::to_string(reply.code) + " " + reply.text);
}

// Nobody is left to deliver to.
// MAIL and every RCPT are answered, and DATA was not among them.
void envelope_answered(Client::State& state) {
  if (state.accepted() == 0) return state.finish();
  if (!state.chunked) {
    state.order("DATA", {Expect::data});
    return state.pump();
  }
  state.phase = Phase::body;
  state.wait_for_next();
}

void put_chunk(Client::State& state, bool last) {
  // A CR waits for its LF, so that every chunk is whole text by itself.
  const bool open_line = !last && state.chunk.ends_with('\r');
  if (open_line) state.chunk.pop_back();
  state.put("BDAT " + std::to_string(state.chunk.size()) + (last ? " LAST\r\n" : "\r\n"));
  state.put(state.chunk);
  state.chunk.assign(open_line, '\r');
  const bool first = state.expected.empty();
  state.expected.push_back({last ? Expect::final : Expect::chunk});
  if (first) state.wait_for_next();
}

// RFC 2920 §3.1: without PIPELINING each BDAT waits for its reply.
bool may_send_chunk(const Client::State& state) {
  return !state.chunked || state.offers.pipelining || state.expected.empty();
}

void all_out(Client::State& state) {
  state.ended = true;
  state.phase = Phase::final;
  state.wait_for_next();
}

}  // namespace

void begin_delivery(Client::State& state, const mail::Envelope& envelope, std::vector<std::uint32_t> wanted,
                    std::uint64_t size) {
  start(state, wanted.size());
  state.phase = Phase::envelope;
  state.envelope = &envelope;
  state.wanted = std::move(wanted);
  state.body_size = size;
  refuse_unsendable(state);
  if (std::count(state.progress.begin(), state.progress.end(), Progress::asked) == 0) {
    state.script.clear();
    return state.finish();
  }
  state.chunked = state.offers.chunking;
  state.writer = TextWriter(!state.chunked);
  state.order(mail_command(state), {Expect::mail});
  for (std::size_t i = 0; i < state.wanted.size(); ++i) {
    if (state.progress[i] != Progress::asked) continue;
    state.order(rcpt_command(state, envelope.recipients[state.wanted[i]]),
                {Expect::rcpt, static_cast<std::uint32_t>(i)});
  }
  // RFC 2920 §3.1: DATA may end a group.
  if (state.offers.pipelining && !state.chunked) state.order("DATA", {Expect::data});
  state.pump();
}

void begin_probe(Client::State& state, const mail::Path& recipient) {
  start(state, 1);
  state.phase = Phase::probe;
  state.envelope = nullptr;
  ++state.counters.client_probes;
  if (const RecipientResult result = judge_path(state.offers, recipient); result.code != 0) {
    state.settle(0, result);
    state.script.clear();
    return state.finish();
  }
  const bool utf8 = needs_utf8(recipient);
  state.order(utf8 ? "MAIL FROM:<> SMTPUTF8" : "MAIL FROM:<>", {Expect::mail});
  state.order("RCPT TO:<" + recipient.text() + ">", {Expect::rcpt, 0});
  state.order("RSET", {Expect::rset});
  state.pump();
}

void take_rset(Client::State& state, const Reply& reply, Expected) {
  if (reply.code != 250) return unexpected(state, reply);
  state.needs_reset = false;
}

void take_mail(Client::State& state, const Reply& reply, Expected) {
  if (reply.code == 250) {
    state.needs_reset = state.phase != Phase::probe;
    return;
  }
  if (reply.kind() < 4) return unexpected(state, reply);
  RecipientResult result = result_of(reply);
  if (state.phase == Phase::probe) {
    // Who does not take the null sender has said nothing about the recipient.
    result = local_result(451, "4.3.0", "cannot ask: " + result.text);
  }
  state.settle_rest(result);
  // Without a transaction there is nothing to ask any more; what is sent already is answered all the same.
  state.script.clear();
}

void take_rcpt(Client::State& state, const Reply& reply, Expected expected) {
  if (state.progress[expected.recipient] == Progress::settled) return;
  const bool taken = reply.code == 250 || reply.code == 251 || reply.code == 252;
  if (!taken && reply.kind() < 4) return unexpected(state, reply);
  RecipientResult result = result_of(reply);
  if (taken) result.code = 250;
  if (result.code == 552) result.code = 452;  // RFC 5321 §4.5.3.1.10: "too many recipients" of old
  if (taken && state.phase != Phase::probe) {
    state.results[expected.recipient] = result;
    state.progress[expected.recipient] = Progress::accepted;
    return;
  }
  if (result.code == 452 && result.status.starts_with('5')) result.status = "4.5.3";
  state.settle(expected.recipient, result);
}

void take_data(Client::State& state, const Reply& reply, Expected) {
  if (reply.code == 354) {
    state.phase = Phase::body;
    if (state.accepted() != 0) return;
    // RFC 2920 §3.1: DATA was sent along, nobody was accepted, and the server wants text all the same: it
    // gets none.
    state.put(".\r\n");
    state.expected.push_back({Expect::final});
    return all_out(state);
  }
  if (reply.kind() < 4) return unexpected(state, reply);
  state.settle_rest(result_of(reply));
}

// A reply to a BDAT that is not the last.
void take_chunk(Client::State& state, const Reply& reply, Expected) {
  if (state.discarded || reply.code == 250) return;
  if (reply.kind() < 4) return unexpected(state, reply);
  state.settle_rest(result_of(reply));
  state.discarded = true;
}

// The server's word about the whole message. RFC 5321 §4.1.1.4, RFC 3030 §2.
void take_final(Client::State& state, const Reply& reply, Expected) {
  if (reply.kind() != 2 && reply.kind() < 4) return unexpected(state, reply);
  RecipientResult result = result_of(reply);
  if (reply.kind() == 2) result.code = 250;
  // RFC 3030 §2: after a chunk that failed the server has to be reset.
  state.needs_reset = state.discarded || (state.chunked && reply.kind() != 2);
  state.settle_rest(result);
}

void commands_answered(Client::State& state) {
  switch (state.phase) {
    case Phase::envelope:
      return envelope_answered(state);
    case Phase::body:
      if (state.discarded) return state.finish();
      if (state.end_due) end_body(state);
      return;
    case Phase::final:
    case Phase::probe:
      return state.finish();
    default:
      return;
  }
}

bool wants_body(const Client::State& state) {
  if (state.phase != Phase::body || state.discarded || state.out_waiting() > kOutMax) return false;
  return !state.end_due && may_send_chunk(state);
}

std::size_t take_body(Client::State& state, Bytes bytes) {
  if (!wants_body(state) || bytes.empty()) return 0;
  bytes = bytes.first(std::min(bytes.size(), kTakeMax));
  if (state.chunked) {
    if (state.chunk.size() >= kChunkMin) put_chunk(state, false);
    state.writer.write(bytes, state.chunk);
  } else {
    state.put({});
    state.writer.write(bytes, state.out);
  }
  if (state.expected.empty()) state.wait_for_next();
  return bytes.size();
}

void end_body(Client::State& state) {
  if (state.phase != Phase::body || state.discarded) return;
  state.end_due = !may_send_chunk(state);
  if (state.end_due) return;
  if (state.chunked) {
    state.writer.end(state.chunk);
    put_chunk(state, true);
  } else {
    state.put({});
    state.writer.end(state.out);
    state.expected.push_back({Expect::final});
  }
  all_out(state);
}

}  // namespace postern::smtp
