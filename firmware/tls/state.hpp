// What a core and a session hold. Only the files of this room include it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/tls/certificates.hpp"
#include "firmware/tls/client_hello.hpp"
#include "firmware/tls/io.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/tls/tickets.hpp"
#include "firmware/tls/wolfssl.hpp"
#include "platform/base/arena.hpp"
#include "platform/rng/ambient.hpp"

namespace postern::tls {

struct Core::State {
  State(Arena::Owner own_arena, const Settings& settings, const std::array<std::uint8_t, 32>& seed,
        Counters& count)
      : arena(std::move(own_arena)),
        random(seed),
        counters(count),
        tickets(count, settings.ticket_lifetime) {}

  // What a session may need before it is opened, and what one handshake call may need at its height. With
  // less left none is opened, and a handshake ends before the library is called: it does not give everything
  // back when it runs out in the middle.
  static constexpr std::size_t kSessionReserve = 128 * 1024;
  static constexpr std::size_t kCallReserve = 48 * 1024;

  bool short_of(std::size_t bytes) const {
    return !kSanitizedHeap && Arena::current() == arena.get() && arena->used() + bytes > arena->capacity();
  }

  Arena::Owner arena;  // first in, last out: the rest lives in it
  rng::CoreRandom random;
  WallTime wall{std::chrono::milliseconds(rng::ambient_wall_milliseconds())};
  Counters& counters;
  Tickets tickets;
  CertificateStore certificates;
  Context client;
  CertManager anchors;
  CertManager client_anchors;
};

struct Session::State {
  enum class Phase : std::uint8_t { gathering, handshaking, open, closed, failed };

  State(Core::State& owner, bool as_server) : core(owner), server(as_server) {}

  Core::State& core;
  bool server;
  Phase phase = Phase::gathering;
  bool authenticated = false;
  bool judged = false;  // the demand was held against a chain in this very handshake
  bool resumed = false;
  bool ticket_judged = false;
  bool asks_certificate = false;  // of the client
  std::size_t unreported = 0;  // plain bytes encrypted, but not yet reported as taken
  std::string_view version;
  std::string_view cipher;
  std::string_view unmet;  // why the server does not meet the demand
  std::string failure;
  ClientHello hello;
  HelloGather gather;
  ServerDemand demand;
  std::vector<std::vector<std::uint8_t>> peer_chain;
  ClientCertificate client;
  Verdict dane;
  Verdict web_pki;
  Io io;
  Ssl ssl;

  // The steps, in the order of a session's life. handshake.cpp
  Status gather_hello(Bytes& input, CipherSink& sink);
  bool start_server();
  bool start_client();
  Status advance(Bytes& input, CipherSink& sink);
  Status complete();
  void keep(const std::vector<Bytes>& chain);

  // failure.cpp
  Status fail(Counter& cause, std::string_view why);
  Status fail_from_library(int error);
  void note_alerts();
};

// context.cpp: the settings all our contexts share.
Result<Context, Fault> make_context(Core::State& core, bool server);

// The verify callbacks: of client contexts, and of server sessions that ask for a certificate. handshake.cpp
int verify_callback(int, WOLFSSL_X509_STORE_CTX* store);
int client_callback(int, WOLFSSL_X509_STORE_CTX* store);

}  // namespace postern::tls
