#include "firmware/smtp/client/state.hpp"

#include <algorithm>

namespace postern::smtp {
namespace {

constexpr std::size_t kSentMax = 64 * 1024;  // bytes that are sent and still in the buffer

Duration patience(const ClientSettings& settings, Expect what, bool ended) {
  switch (what) {
    case Expect::greeting:
      return settings.greeting_timeout;
    case Expect::data:
      return settings.data_timeout;
    case Expect::final:
      return settings.final_timeout;
    case Expect::chunk:
      return ended ? settings.final_timeout : settings.data_timeout;
    default:
      return settings.command_timeout;
  }
}

}  // namespace

Client::State::State(const ClientSettings& s, Counters& c, Now start) : settings(s), counters(c), now(start) {
  expected.push_back({Expect::greeting});
  wait_for_next();
}

std::size_t Client::State::accepted() const {
  return static_cast<std::size_t>(std::count(progress.begin(), progress.end(), Progress::accepted));
}

void Client::State::put(std::string_view text) {
  if (out_sent == out.size() || out_sent > kSentMax) {
    out.erase(0, out_sent);
    out_sent = 0;
  }
  out += text;
}

void Client::State::order(std::string text, Expected reply) {
  script.push_back({std::move(text) + "\r\n", reply});
}

// RFC 2920 §3.1: without PIPELINING each command waits for its reply.
void Client::State::pump() {
  const bool was_waiting = !expected.empty();
  while (!script.empty() && (offers.pipelining || expected.empty())) {
    put(script.front().text);
    expected.push_back(script.front().reply);
    script.pop_front();
  }
  if (!was_waiting) wait_for_next();
}

void Client::State::wait_for_next() {
  if (!expected.empty()) {
    deadline = now.instant + patience(settings, expected.front().what, ended);
  } else {
    deadline = phase == Phase::body ? now.instant + settings.data_timeout : kNever;
  }
}

void Client::State::settle(std::size_t index, const RecipientResult& result) {
  results[index] = result;
  progress[index] = Progress::settled;
}

void Client::State::settle_rest(const RecipientResult& result) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (progress[i] != Progress::settled) settle(i, result);
  }
}

void Client::State::finish() {
  if (phase != Phase::probe) {
    bool delivered = false;
    for (const RecipientResult& result : results) {
      delivered = delivered || result.code == 250;
      ++(result.code == 250   ? counters.client_delivered
         : result.code >= 500 ? counters.client_refused
                              : counters.client_deferred);
    }
    if (delivered) ++counters.client_messages;
    if (writer.mended()) ++counters.client_mended_line_ends;
  }
  writer = {};
  envelope = nullptr;
  done_due = true;
  ready_due = true;
  phase = Phase::idle;
  deadline = kNever;
}

void Client::State::fail(const RecipientResult& result) {
  if (phase == Phase::closed) return;
  failure_result = result;
  failure = std::to_string(result.code) + " " + result.status + " " + result.text;
  const bool under_way =
      phase == Phase::envelope || phase == Phase::body || phase == Phase::final || phase == Phase::probe;
  if (under_way) {
    settle_rest(result);
    finish();
  }
  script.clear();
  expected.clear();
  phase = Phase::closed;
  ready_due = false;
  deadline = kNever;
}

void Client::State::fail(std::uint16_t code, std::string_view status, std::string_view text) {
  fail(local_result(code, status, text));
}

RecipientResult local_result(std::uint16_t code, std::string_view status, std::string_view text) {
  return {code, std::string(status), std::string(text)};
}

RecipientResult result_of(const Reply& reply) {
  RecipientResult result{reply.code, reply.status, reply.text};
  // RFC 3463 §2: where the server gave none, the class of its code and nothing more.
  if (result.status.empty()) result.status = std::to_string(reply.kind()) + ".0.0";
  return result;
}

}  // namespace postern::smtp
