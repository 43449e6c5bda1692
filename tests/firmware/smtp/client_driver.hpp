// Drives one Client the way a shard would, and writes down what it sends and which steps it asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/smtp/client.hpp"

namespace postern::test {

class ClientDriver {
 public:
  explicit ClientDriver(const smtp::ClientSettings& settings);

  // Bytes from the server.
  void give(std::string_view bytes);
  void deliver(const mail::Envelope& envelope, std::vector<std::uint32_t> wanted, std::uint64_t size);
  void probe(const mail::Path& recipient);
  void quit();
  void tls();
  void wait(Duration duration);
  void lose(std::string_view reason);

  smtp::ClientSettings settings;
  smtp::Counters counters;
  Now now{Instant{} + std::chrono::hours(1), WallTime{} + std::chrono::hours(1)};
  smtp::Client client;

  std::string body;                                         // what is sent when it is asked for
  std::size_t body_piece = 1 << 20;                         // in pieces of that size
  std::vector<std::string> log;                             // "C: line" and "event: step"
  std::string out;                                          // everything that was sent
  std::vector<std::vector<smtp::RecipientResult>> results;  // of each message_done
  bool closed = false;

 private:
  void run();
  void take_output();
  void send_body();
  void note(std::string_view step);

  std::string input_;
  std::string partial_;
  std::size_t body_at_ = 0;
  bool body_ended_ = false;
};

}  // namespace postern::test
