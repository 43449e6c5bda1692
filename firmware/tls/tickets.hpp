// Session tickets: state sealed for the client to keep, so that the cores keep none. RFC 5077 §4, RFC 8446
// §4.6.1.
//
// XChaCha20-Poly1305 under a key all cores share. The time of issue and the server name are authenticated
// with it: a ticket opens only within its lifetime and only for the name it was issued for (RFC 6066 §3).
#pragma once

#include <string_view>

#include "firmware/tls/session.hpp"
#include "firmware/tls/wolfssl.hpp"
#include "platform/rng/core_random.hpp"

namespace postern::tls {

class Tickets {
 public:
  // What the library gives us room for beside the sealed bytes.
  struct Envelope {
    std::uint8_t* name;   // 16
    std::uint8_t* nonce;  // 16
    std::uint8_t* mac;    // 32
  };

  Tickets(Counters& counters, Duration lifetime) : counters_(counters), lifetime_(lifetime) {}
  ~Tickets();
  Tickets(const Tickets&) = delete;
  Tickets& operator=(const Tickets&) = delete;

  void set_keys(const TicketKeys& keys) { keys_ = keys; }
  std::uint32_t lifetime_seconds() const;

  enum class Verdict : std::uint8_t { opened, unknown_key, refused, expired };

  // Both work in place. False: there is no key to seal with.
  bool seal(const Envelope& envelope, MutableBytes state, std::string_view server_name, WallTime now,
            rng::CoreRandom& random);
  Verdict open(const Envelope& envelope, MutableBytes state, std::string_view server_name,
               WallTime now) const;
  void count(Verdict verdict);

 private:
  const TicketKeys::Key* find(const std::uint8_t* name) const;

  Counters& counters_;
  Duration lifetime_;
  TicketKeys keys_;
};

// The library's callback; its context is the Core's state, the session is found through the read context.
int ticket_callback(WOLFSSL* ssl, unsigned char* name, unsigned char* iv, unsigned char* mac, int encrypt,
                    unsigned char* ticket, int in_length, int* out_length, void* context);

}  // namespace postern::tls
