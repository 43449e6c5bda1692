// Takes mail of the box's own (TLS reports) into the queue, without a session.
//
// One after the other, a bounded piece per turn, so that no connection waits for a long message. It is held
// to the rules of mail from outside: CR and LF only together, no NUL, lines of bounded length. Signed as all
// mail of ours (RFC 6376); a TLS report by the key that is for reports (RFC 8460 §3). "stored" is answered
// only after the spool said so; whoever hears nothing may ask again, and a message comes twice at most.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "firmware/dkim/message_hash.hpp"
#include "firmware/mail/header.hpp"
#include "firmware/shard/injection.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/smtp/text_scanner.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::shard {

class Injections {
 public:
  static constexpr std::size_t kMost = 64;          // waiting; more are asked to come later
  static constexpr std::size_t kPiece = 64 * 1024;  // of a message per turn

  explicit Injections(Shard::State& shard) : shard_(shard) {}

  void take(const Injection& injection);
  // One piece of work.
  void pump();
  // True where the event was about a message being taken in.
  bool on_spool(const spool::Event& event);
  // The signature of the message being taken in.
  void message_signed(spool::MessageId message, std::string_view fields);
  void on_room() { blocked_ = false; }
  bool next(Injected& answer);
  // There is work that does not wait for the disk or a signature.
  bool busy() const {
    return !jobs_.empty() && !blocked_ && jobs_.front().step != Step::storing &&
           jobs_.front().step != Step::signing;
  }

 private:
  enum class Step : std::uint8_t { waiting, text, signing, front, storing };
  struct Job {
    const Injection* injection = nullptr;
    Step step = Step::waiting;
    Bytes rest;   // of the message, not looked at yet
    Bytes piece;  // looked at, not in the spool yet
    spool::MessageId id = 0;
    Instant began{};
    std::uint64_t bytes = 0;
    std::unique_ptr<dkim::MessageHash> hash;
    smtp::TextScanner scanner;
    mail::HeaderWatch header;
    std::string fields;  // the signature: stored behind the message, goes out in front
  };

  void begin(Job& job);
  void go_on(Job& job);
  void end_text(Job& job);
  static void add_front(Job& job, std::string_view fields);
  void store(Job& job);
  bool keep(Job& job);
  void tell(const Job& job);
  void answer(Injected::Kind kind, const char* why);

  Shard::State& shard_;
  std::deque<Job> jobs_;  // the first one is being worked on
  std::deque<Injected> answers_;
  bool blocked_ = false;  // the spool has no room for more of it now
};

}  // namespace postern::shard
