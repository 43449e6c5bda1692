// One SMTP client session: a table of what to wait for and what to say next.
//
// What always holds: at most one message is under way; MAIL, RCPT and DATA go out together (RFC 2920 §3.1),
// as Postfix does it; a message is counted only by the reply to its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/load/channel.hpp"
#include "tools/load/report.hpp"

namespace postern::load {

// What all sessions of a run share.
struct Shared {
  const Options& options;
  Report& report;
  WOLFSSL_CTX* context = nullptr;
  WOLFSSL_SESSION* ticket = nullptr;
  std::string body;         // dot-stuffed, with the final dot
  std::uint64_t begun = 0;  // messages, handshakes or connections begun
  bool more() const { return options.total == 0 || begun < options.total; }
};

class Session {
 public:
  enum class State : std::uint8_t {
    connecting,
    handshake,
    greeting,
    ehlo,
    starttls,
    ehlo_again,
    mail,
    rcpt,
    data,
    body,
    quit,
    idle,
    finished
  };

  explicit Session(Shared& shared) : shared_(shared) {}
  bool open(const std::string& source);
  // Everything possible now; false: the session is over.
  bool step();
  bool wants_write() const { return state_ == State::connecting || !pending().empty() || tls_wants_write_; }
  bool broken() const { return broken_; }
  int descriptor() const { return channel_.descriptor(); }
  State state() const { return state_; }

 private:
  bool fail(const std::string& why);
  bool flush();
  bool fill();
  bool take_lines();
  bool reply(int code);
  bool tls_done();
  bool next_message();
  void say(std::string_view words) { out_.append(words); }
  std::string_view pending() const;

  Shared& shared_;
  Channel channel_;
  State state_ = State::connecting;
  std::string in_;
  std::string out_;
  std::size_t out_at_ = 0;
  std::size_t body_at_ = 0;
  bool body_under_way_ = false;
  bool broken_ = false;
  bool tls_wants_write_ = false;
  std::uint32_t sent_here_ = 0;
  std::string id_;
  Clock::time_point asked_{};
};

}  // namespace postern::load
