// The conversation of one session; see the header.
#include "tools/load/session.hpp"

#include <array>

namespace postern::load {

using State = Session::State;

namespace {

constexpr std::string_view kEhlo = "EHLO client.sender.example\r\n";

const char* name(State state) {
  static constexpr std::array<const char*, 13> kNames{"connect", "handshake", "greeting", "EHLO", "STARTTLS",
                                                      "EHLO",    "MAIL",      "RCPT",     "DATA", "body",
                                                      "QUIT",    "idle",      "finished"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace

bool Session::open(const std::string& source) {
  return channel_.open(shared_.options, source) || fail("connect");
}

bool Session::fail(const std::string& why) {
  ++shared_.report.errors[why];
  if (state_ == State::body) ++shared_.report.uncertain;
  broken_ = true;
  return false;
}

bool Session::step() {
  if (state_ == State::connecting) {
    if (!channel_.connected()) return fail("connect refused");
    ++shared_.report.opened;
    state_ = State::greeting;
    if (shared_.options.tls == Tls::implicit) {
      channel_.start_tls(shared_.context, shared_.ticket);
      state_ = State::handshake;
    }
  }
  if (state_ == State::handshake) {
    const Step step = channel_.handshake();
    tls_wants_write_ = step == Step::again && wolfSSL_want_write(channel_.tls()) == 1;
    if (step == Step::broken) return fail("TLS handshake");
    if (step == Step::again) return true;
    if (!tls_done()) return false;
  }
  return flush() && fill() && flush();
}

bool Session::tls_done() {
  Report& report = shared_.report;
  ++report.handshakes;
  if (wolfSSL_session_reused(channel_.tls()) == 1) ++report.resumed;
  if (report.tls.empty()) {
    report.tls =
        std::string(wolfSSL_get_version(channel_.tls())) + " " + wolfSSL_get_cipher_name(channel_.tls());
  }
  if (shared_.options.tls == Tls::implicit) {
    state_ = State::greeting;
    return true;
  }
  // A polite QUIT makes the server finish its half of the handshake, tickets included.
  if (shared_.options.mode == Mode::handshake) return next_message();
  state_ = State::ehlo_again;
  say(kEhlo);
  return true;
}

std::string_view Session::pending() const {
  if (out_at_ < out_.size()) return std::string_view(out_).substr(out_at_);
  if (body_under_way_) return std::string_view(shared_.body).substr(body_at_);
  return {};
}

bool Session::flush() {
  while (state_ != State::handshake && !pending().empty()) {
    std::size_t taken = 0;
    const Step step = channel_.write(pending(), taken);
    if (step == Step::broken) return fail(std::string("write at ") + name(state_));
    if (step == Step::again) return true;
    if (out_at_ < out_.size()) {
      out_at_ += taken;
      if (out_at_ == out_.size()) out_.clear(), out_at_ = 0;
    } else {
      body_at_ += taken;
      if (body_at_ == shared_.body.size()) body_under_way_ = false;
    }
  }
  return true;
}

bool Session::fill() {
  std::array<char, 4096> buffer;
  while (state_ != State::handshake) {
    std::size_t got = 0;
    const Step step = channel_.read(buffer.data(), buffer.size(), got);
    if (step == Step::again) return true;
    if (step == Step::broken)
      return state_ == State::quit ? false : fail(std::string("closed at ") + name(state_));
    in_.append(buffer.data(), got);
    if (!take_lines()) return false;
  }
  return step();
}

// Every whole line; only the last of a multi-line reply counts (RFC 5321 §4.2.1).
bool Session::take_lines() {
  std::size_t at = 0;
  bool going_on = true;
  for (std::size_t end; going_on && (end = in_.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string_view line = std::string_view(in_).substr(at, end - at);
    if (line.size() < 3 || (line.size() > 3 && line[3] == '-')) continue;
    going_on = reply((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
  }
  in_.erase(0, at);
  return going_on;
}

bool Session::reply(int code) {
  static constexpr int kExpected[] = {0, 0, 220, 250, 220, 250, 250, 250, 354, 250, 221, 0, 0};
  const int expected = kExpected[static_cast<std::size_t>(state_)];
  // By now the server's ticket has been read, too.
  if (shared_.options.resume && state_ == State::quit && shared_.ticket == nullptr) {
    shared_.ticket = wolfSSL_get1_session(channel_.tls());
  }
  if (expected != 0 && code != expected) {
    if (state_ >= State::mail && state_ <= State::body) ++shared_.report.refused;
    const std::string why = std::to_string(code) + " to " + name(state_);
    if (state_ == State::body) state_ = State::quit;  // answered: not uncertain
    return fail(why);
  }
  switch (state_) {
    case State::greeting:
      if (shared_.options.mode == Mode::idle && shared_.options.tls != Tls::starttls) {
        state_ = State::idle;
        return true;
      }
      if (shared_.options.mode == Mode::handshake && channel_.tls() != nullptr) return next_message();
      say(kEhlo);
      state_ = State::ehlo;
      return true;
    case State::ehlo:
      if (shared_.options.tls != Tls::starttls) return next_message();
      say("STARTTLS\r\n");
      state_ = State::starttls;
      return true;
    case State::starttls:
      channel_.start_tls(shared_.context, shared_.ticket);
      state_ = State::handshake;
      return true;
    case State::ehlo_again:
      return next_message();
    case State::mail:
      state_ = State::rcpt;
      return true;
    case State::rcpt:
      state_ = State::data;
      return true;
    case State::data:
      say("X-Lab-Id: " + id_ + "\r\n");
      body_under_way_ = true;
      body_at_ = 0;
      state_ = State::body;
      return true;
    case State::body:
      shared_.report.accept(id_, asked_);
      return next_message();
    default:
      return state_ == State::idle;
  }
}

bool Session::next_message() {
  const Options& options = shared_.options;
  if (options.mode == Mode::idle) {
    state_ = State::idle;
    return true;
  }
  if (options.mode == Mode::handshake || sent_here_ == options.per_connection || !shared_.more()) {
    say("QUIT\r\n");
    state_ = State::quit;
    return true;
  }
  ++sent_here_;
  std::string recipient = options.recipient;
  if (const auto at = recipient.find('%'); at != std::string::npos) {
    recipient.replace(at, 1, std::to_string(shared_.begun % std::max<std::uint64_t>(options.spread, 1)));
  }
  id_ = options.id + "-" + std::to_string(shared_.begun++);
  asked_ = Clock::now();
  say("MAIL FROM:<" + options.sender + "> SIZE=" + std::to_string(options.size) + "\r\nRCPT TO:<" +
      recipient + ">\r\nDATA\r\n");
  state_ = State::mail;
  return true;
}

}  // namespace postern::load
