// What the SMTP server is told. Every limit is a setting, and has its reply and its counter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/time.hpp"

namespace postern::smtp {

struct ServerSettings {
  std::string host_name = "postern.invalid";  // in the greeting and in Received
  std::vector<std::string> served_domains;    // lower case: mail for them is accepted from anybody, no other
  bool any_sender = false;                    // who logged in may send from domains we do not serve too
  bool offer_starttls = true;
  bool require_tls = false;                 // 530 5.7.0 to MAIL in clear (RFC 3207 §4)
  bool refuse_early_talkers = true;         // 554 5.5.0 to who speaks before the greeting was handed out
  std::uint64_t message_bytes = 50u << 20;  // 552 5.3.4
  std::uint32_t header_bytes = 256 * 1024;  // 552 5.6.0
  std::uint32_t line_bytes = 998;           // of text, without CRLF (RFC 5321 §4.5.3.1.6, RFC 5322 §2.1.1)
  std::uint32_t command_bytes =
      2048;  // of a command line (RFC 5321 §4.5.3.1.4 asks for 512 at least, extensions add)
  std::uint32_t recipients = 1000;             // 452 4.5.3 (RFC 5321 §4.5.3.1.8: at least 100)
  std::uint32_t messages_per_session = 1000;   // 421 4.7.0 afterwards (LIMITS MAILMAX, RFC 9422)
  std::uint32_t commands_per_session = 20000;  // 421 4.7.0
  std::uint32_t errors_per_session = 20;       // 421 4.7.0
  std::uint32_t logins_per_session = 3;        // failed ones; then 421 4.7.0
  std::uint32_t received_hops = 100;           // Received lines; more is a loop: 554 5.4.6 (RFC 5321 §6.3)
  Duration command_timeout = std::chrono::minutes(5);   // RFC 5321 §4.5.3.2.7
  Duration data_timeout = std::chrono::minutes(3);      // RFC 5321 §4.5.3.2.5, between two reads
  Duration message_timeout = std::chrono::minutes(30);  // whole DATA phase: a slow loris ends here
};

}  // namespace postern::smtp
