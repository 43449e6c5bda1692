// Drives one Server the way a shard would: feeds it, answers its questions, takes its replies, and writes
// down what happened.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/smtp/server.hpp"

namespace postern::test {

class ServerDriver {
 public:
  explicit ServerDriver(const smtp::ServerSettings& settings, bool implicit_tls = false);
  ServerDriver(const smtp::ServerSettings& settings, const smtp::Peer& peer);
  static smtp::Peer stranger(bool implicit_tls = false);

  // Bytes from the client.
  void give(std::string_view bytes);
  // Takes the replies, the greeting among them.
  void take_replies();
  void tls(std::string_view version, std::string_view cipher);
  void wait(Duration duration);
  void shut_down();

  smtp::ServerSettings settings;
  smtp::Counters counters;
  Now now{Instant{} + std::chrono::hours(1), WallTime{} + std::chrono::hours(1)};
  smtp::Server server;

  // Answers to come, first one first; where there is none, the good one.
  struct RecipientWords {
    smtp::RecipientAnswer answer;
    std::string reason;
  };
  std::deque<RecipientWords> recipient_answers;
  std::deque<smtp::LoginAnswer> login_answers;
  std::deque<smtp::StoreAnswer> begin_answers;
  std::deque<smtp::StoreAnswer> store_answers;

  std::vector<std::string> log;  // "S: reply" and "event: step"
  std::string body;              // of every message, in order, abandoned ones too
  struct Stored {
    mail::Envelope envelope;
    std::string body;
  };
  std::vector<Stored> stored;
  int open = 0;  // begun, and neither ended nor abandoned
  bool closed = false;
  bool answering = true;  // false: questions stay open

 private:
  void run();
  void react(const smtp::Step& step);

  std::string input_;
  std::size_t body_start_ = 0;
};

}  // namespace postern::test
