#include "firmware/smtp/server/modes.hpp"

#include <array>

#include "firmware/smtp/server/message.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {
namespace {

constexpr Step kNeedInput{StepKind::need_input, {}};

// A client that does not read gets no more answers, and so no more commands are taken from it.
constexpr std::size_t kRepliesMax = 8 * 1024;

std::optional<Step> read_command(Server::State& state, Bytes& input) {
  if (state.replies_waiting() > kRepliesMax) return kNeedInput;
  const Line line = state.line.next(input, state.settings.command_bytes);
  if (line.kind == LineKind::need_more) return kNeedInput;
  state.command_began = state.now.instant;
  switch (line.kind) {
    case LineKind::too_long:
      refuse(state, Refusal::line_too_long);
      break;
    case LineKind::bare_cr:
      refuse(state, Refusal::bare_cr_in_command);
      break;
    case LineKind::bare_lf:
      refuse(state, Refusal::bare_lf_in_command);
      break;
    case LineKind::nul:
      refuse(state, Refusal::nul_in_command);
      break;
    default:
      run_command(state, line.text);
  }
  return {};
}

// The client's answer to 334 is a line like a command. RFC 4954 §4.
std::optional<Step> read_login(Server::State& state, Bytes& input) {
  const Line line = state.line.next(input, state.settings.command_bytes);
  if (line.kind == LineKind::need_more) return kNeedInput;
  state.command_began = state.now.instant;
  state.next_command();
  if (line.kind == LineKind::line) {
    take_login(state, line.text);
  } else {
    refuse(state, Refusal::login_malformed);
  }
  return {};
}

// Hands a question out once; then there is nothing to do until it is answered.
template <StepKind kind>
std::optional<Step> ask(Server::State& state, Bytes&) {
  if (state.asked) return kNeedInput;
  state.asked = true;
  return Step{kind, {}};
}

// RFC 3207 §4.2 and the injection it leads to where buffers are kept: what came behind STARTTLS came in the
// clear.
std::optional<Step> begin_tls(Server::State& state, Bytes& input) {
  if (!input.empty()) {
    input = {};
    if (state.asked) {
      // 220 is said already, and TLS records are expected: no words, only the end.
      count(state, Refusal::tls_injection);
      state.mode = Mode::close;
    } else {
      refuse(state, Refusal::tls_injection);
    }
    return {};
  }
  if (state.asked) return kNeedInput;
  say(state, "220 2.0.0 ready for TLS");
  state.asked = true;
  return Step{StepKind::start_tls, {}};
}

std::optional<Step> close_session(Server::State&, Bytes& input) {
  input = {};
  return Step{StepKind::close, {}};
}

using ModeStep = std::optional<Step> (*)(Server::State&, Bytes&);

// In the order of the enum.
constexpr auto kModes = std::to_array<ModeStep>({
    read_command,
    read_login,
    ask<StepKind::check_login>,
    ask<StepKind::check_recipient>,
    ask<StepKind::begin_message>,
    receive_text,
    drain_text,
    linger,
    swallow,
    ask<StepKind::end_message>,
    begin_tls,
    close_session,
});
static_assert(kModes.size() == static_cast<std::size_t>(Mode::close) + 1);

}  // namespace

std::optional<Step> mode_step(Server::State& state, Bytes& input) {
  return kModes[static_cast<std::size_t>(state.mode)](state, input);
}

void notice_early_talk(Server::State& state, Bytes input) {
  if (state.greeting_left == 0 || input.empty() || !state.settings.refuse_early_talkers) return;
  if (state.mode == Mode::close) return;
  // Nothing of the greeting has left: the refusal takes its place.
  if (state.greeting_left == state.replies_waiting()) state.out.resize(state.out_sent);
  refuse(state, Refusal::early_talk);
}

void finish_stop(Server::State& state) {
  if (!state.stop_wanted || state.asked || state.mode == Mode::close) return;
  refuse(state, Refusal::shutting_down);
}

}  // namespace postern::smtp
