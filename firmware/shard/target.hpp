// Whom an outbound session talks to, and what is insisted on.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/policy/decide/decide.hpp"
#include "firmware/smtp/client.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

struct Target {
  enum class Tls : std::uint8_t {
    plain,    // never STARTTLS
    offered,  // where offered, whatever certificate
    required  // else nothing is sent; `proven` says whether the demand has to be met too
  } tls = Tls::offered;
  bool proven = false;
  bool extension = false;  // REQUIRETLS has to be offered after STARTTLS (RFC 8689 §4.2.1)
  wire::Endpoint endpoint;
  std::string host;    // the server's name; empty: it is known by its address only
  std::string domain;  // of the recipients; empty: the office
  std::string who;     // "the office's server": in words about it
  tls::ServerDemand demand;
  policy::Demand decided;  // for the trace and for reports; towards the office without meaning
  std::string sts_id;
  std::int64_t facts_learned = 0;
  smtp::ClientSettings client;
  std::uint32_t messages_per_connection = 100;
  Duration idle = std::chrono::seconds(5);             // an unused connection is closed after this
  Duration connect_timeout = std::chrono::minutes(2);  // TCP may give up earlier
  Duration oldest = std::chrono::hours(24);            // an older connection takes no new message
  Duration stalled_writer = std::chrono::minutes(5);
};

}  // namespace postern::shard
