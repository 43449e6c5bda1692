// What the load generator is told on its command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::load {

enum class Mode : std::uint8_t { send, handshake, idle };
enum class Tls : std::uint8_t { none, starttls, implicit };

struct Options {
  Mode mode = Mode::send;
  Tls tls = Tls::starttls;
  std::string server = "127.0.0.1";
  std::uint16_t port = 25;
  std::uint32_t connections = 20;     // at once
  std::uint32_t per_connection = 20;  // messages before QUIT
  std::uint64_t total = 0;            // messages, handshakes or connections; 0: until the time is over
  double seconds = 0;                 // 0: until the total is reached
  std::uint64_t size = 4096;          // bytes of a message
  std::string sender = "load@sender.example";
  std::string recipient =
      "load@example.org";  // a % in it is a number below `spread`, another for each message
  std::uint64_t spread = 1;
  std::vector<std::string> sources;     // addresses to connect from, in turn
  std::string tls_version;              // "1.2" or "1.3"; empty: the best
  std::string name = "mx.example.org";  // asked for in TLS (SNI)
  std::string signature;                // "ecdsa" or "rsa": the only kind of certificate we accept
  std::string id = "load";              // each message starts with X-Lab-Id: <id>-<number>
  std::string record;                   // file that gets the id of every message that heard 250
  bool resume = false;                  // offer the ticket of the connection before
  bool persist = false;                 // broken connections are opened again
};

// Prints the reason (or the help) and ends the program where the words make no sense.
Options read_options(int count, char** words);

}  // namespace postern::load
