// What we have to know of a ClientHello before a certificate can be chosen. RFC 8446 §4.1.2, RFC 6066 §3.
//
// `HelloGather` collects the records that carry the message, `parse_client_hello` reads it. Neither trusts a
// byte; the library checks the whole message again afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::tls {

// Larger ones are refused; the largest seen in the wild, with post-quantum key shares, are below 4 KB.
inline constexpr std::size_t kMaxClientHello = 16 * 1024;

struct ClientHello {
  std::array<char, 255> name_buffer{};
  std::uint8_t name_length = 0;
  bool offers_tls13 = false;
  bool ecdhe_ecdsa_suite = false;  // any of our TLS 1.2 ECDSA suites
  bool ecdhe_rsa_suite = false;    // any of our TLS 1.2 RSA suites
  bool has_signature_algorithms = false;
  bool ecdsa_p256 = false;  // ecdsa_secp256r1_sha256
  bool ecdsa_p384 = false;  // ecdsa_secp384r1_sha384
  bool rsa_pss = false;     // rsa_pss_rsae_sha256, 384 or 512
  bool rsa_pkcs1 = false;   // rsa_pkcs1_sha256, 384 or 512
  bool has_groups = false;
  bool group_p256 = false;
  bool group_p384 = false;

  // Lower case, without a final dot; empty where the peer sent none.
  std::string_view server_name() const { return {name_buffer.data(), name_length}; }
};

// `message` is the handshake message with its header of four bytes.
Result<ClientHello> parse_client_hello(Bytes message);

class HelloGather {
 public:
  enum class Step : std::uint8_t { more, complete, not_tls, malformed };

  // Takes bytes off `input` up to the end of the record in which the ClientHello ends.
  Step feed(Bytes& input);
  // Complete: the handshake message, and the records as they came.
  Bytes message() const { return message_; }
  std::vector<std::uint8_t> take_records() { return std::move(records_); }
  void clear();

 private:
  Step header_complete();
  Step body_complete();

  std::vector<std::uint8_t> records_;
  std::vector<std::uint8_t> message_;
  std::size_t record_at_ = 0;  // where the current record starts in `records_`
  std::size_t wanted_ = 5;     // bytes until the current header or body is complete
  bool in_body_ = false;
};

}  // namespace postern::tls
