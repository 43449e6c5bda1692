// What a shard tells about each message as it happens; views are valid during the call only.
#pragma once

#include <cstdint>
#include <string_view>

#include "firmware/policy/decide/decide.hpp"
#include "firmware/spool/spool.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

// Both policies' results of one attempt to reach a mail server (RFC 8460 §4.3).
struct SessionTold {
  bool present = false;
  bool tls_required_no = false;  // the message it was for said so (RFC 8689 §3)
  bool is_report = false;        // that message is a TLS report itself
  bool connected = false;
  bool secured = false;
  policy::Insist insist = policy::Insist::defer;
  std::int64_t facts_learned = 0;
  wire::IpAddress local;
  policy::Finding dane;
  policy::Finding sts;
  std::string_view sts_id;
  std::string_view mx_host;
  std::string_view helo;
  std::string_view information;
};

struct Outcome {
  enum class Kind : std::uint8_t {
    accepted,
    delivered,
    deferred,
    bounced,
    refused,
    session,  // an attempt to reach a server on the internet: `session` says more
    delayed,  // the sender was told that it takes longer
    // A person did it; `reply` says who.
    held,
    released,
    hurried,
    rerouted,
    returned,
    dropped,
  } kind = Kind::accepted;
  WallTime when{};
  spool::MessageId id = 0;
  std::uint64_t bytes = 0;
  Duration took{0};  // accepted: first command to durable; delivered: durable to the office's reply
  std::uint32_t recipients = 0;
  std::uint16_t code = 0;  // SMTP reply code, ours or the office's
  wire::IpAddress peer;
  std::string_view tls_version;
  std::string_view tls_cipher;
  std::string_view sender;
  std::string_view recipient;  // the first one
  std::string_view reply;
  std::string_view host;      // the other server's name
  std::string_view domain;    // of the recipients; empty towards the office
  std::string_view insisted;  // what TLS was insisted on and why
  SessionTold session{};
};

class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void tell(const Outcome& outcome) = 0;
};

}  // namespace postern::shard
