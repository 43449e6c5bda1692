// The openssl command as the other side, over a Unix socket.
#pragma once

#include <string>

#include "firmware/tls/session.hpp"

namespace postern::tls::test {

struct Meeting {
  Status handshake = Status::want_input;
  std::string version;
  std::string cipher;
  std::string failure;
  std::string received;  // plain text our side got
  std::string printed;   // what openssl printed
  bool resumed = false;
  bool authenticated = false;
  ClientCertificate client;

  bool prints(const std::string& text) const { return printed.find(text) != std::string::npos; }
};

// `openssl s_client ARGUMENTS` sends one line to a session of `core`, which answers "answer: LINE" and
// closes.
// `as_command`: the line is for s_client itself.
Meeting meet_client(Core& core, const std::string& arguments, const std::string& line = "hello",
                    bool as_command = false, bool ask_certificate = false);

// A session of `core` sends one line to `openssl s_server -rev ARGUMENTS`, which answers it backwards.
Meeting meet_server(Core& core, const ServerDemand& demand, const std::string& arguments,
                    const std::string& line = "hello");

}  // namespace postern::tls::test
