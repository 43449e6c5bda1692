// The envelope of one message: who it is from and to, and what its sender asked for. RFC 5321 §2.3.1.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "firmware/mail/path.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::mail {

// RFC 3461 §4.1: when the sender wants to hear.
enum NotifyBits : std::uint8_t {
  kNotifyDefault = 0,
  kNotifyNever = 1,
  kNotifySuccess = 2,
  kNotifyFailure = 4,
  kNotifyDelay = 8,
};

struct Recipient {
  Path path;
  std::uint8_t notify = kNotifyDefault;  // RFC 3461 §4.1
  std::string original;                  // ORCPT, as received ("rfc822;user@example"), RFC 3461 §4.2
};

enum class Body : std::uint8_t { seven_bit, eight_bit_mime, binary_mime };
enum class Return : std::uint8_t { unspecified, full, headers };  // RFC 3461 §4.3

struct Envelope {
  Path sender;  // empty: the null reverse-path
  std::vector<Recipient> recipients;
  Body body = Body::seven_bit;
  bool smtputf8 = false;  // RFC 6531 §3.4
  Return ret = Return::unspecified;
  std::string envelope_id;          // ENVID, RFC 3461 §4.4
  std::uint64_t declared_size = 0;  // SIZE, bytes; 0: not given (RFC 1870)
  bool require_tls = false;         // REQUIRETLS: only over proven TLS, all the way (RFC 8689 §2)

  // How it came.
  wire::IpAddress client;
  std::string helo;
  bool esmtp = false;
  std::string tls_version;  // empty: no TLS
  std::string tls_cipher;
  bool submitted = false;      // its sender may send through us to anybody
  bool authenticated = false;  // and proved it by AUTH (RFC 4954)
  WallTime arrival{};
};

}  // namespace postern::mail
