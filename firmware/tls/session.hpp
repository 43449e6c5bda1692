// TLS over byte buffers: no socket, no clock call of ours, nothing blocks. RFC 8446, RFC 5246, RFC 9325.
//
// A `Core` belongs to one packet core: contexts, arena, random numbers, ticket keys. A `Session` is one
// connection's TLS. Ciphertext comes in as a view and goes out through a `CipherSink`; each call consumes
// what it can and says what it waits for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/tls/counters.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::tls {

// One certificate chain with its key, as the keystore hands it over. An ECDSA and an RSA one may serve the
// same names; the peer's offer decides.
struct Credential {
  std::vector<std::string> names;  // lower case; "*.example.net" allowed; empty: the default
  std::string chain_pem;           // leaf first
  std::string key_pem;
};

// Keys that seal session tickets, the same for all cores; the first one seals, all of them open (RFC 5077
// §4).
struct TicketKeys {
  struct Key {
    std::array<std::uint8_t, 16> name{};
    std::array<std::uint8_t, 32> secret{};
  };
  std::array<Key, 3> keys{};  // current, previous, the one before; unused ones are all zero
};

struct Settings {
  std::size_t arena_bytes = 256u << 20;  // all memory the TLS library may use on this core
  Duration ticket_lifetime = std::chrono::hours(12);
  std::string trust_anchors_pem;  // for web-PKI verification of servers we connect to
  std::string client_anchors_pem;  // the authorities whose certificates of clients are believed; may be empty
};

// Where ciphertext goes (the connection's send queue). Takes as much as it has room for; returns how much.
class CipherSink {
 public:
  virtual ~CipherSink() = default;
  virtual std::size_t take(Bytes ciphertext) = 0;
};

// A TLSA record to hold a server's chain against. Only usages 2 and 3 count. RFC 6698 §2.1.
struct TlsaRecord {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::vector<std::uint8_t> data;
};

// How a server we connect to is to be authenticated.
struct ServerDemand {
  enum class Kind : std::uint8_t {
    unauthenticated,
    pinned,
    web_pki,
    dane,              // one of `tlsa` matches
    dane_and_web_pki,  // and the web PKI vouches for it besides
  } kind = Kind::unauthenticated;
  std::string server_name;                     // SNI, and the name to match for web_pki
  std::array<std::uint8_t, 32> spki_sha256{};  // for pinned: SHA-256 of the leaf's SubjectPublicKeyInfo
  std::vector<TlsaRecord> tlsa;                // usable ones, digest agility applied (firmware/policy/dane)
  std::vector<std::string> tlsa_names;  // a chain under usage 2 must bear one of them, RFC 7672 §3.2.2
  std::string web_pki_name;             // where it is not `server_name`: MTA-STS wants the MX host's
  // Judged too and told in facts(), but nothing depends on it: MTA-STS in mode testing, and tools that ask.
  bool also_judge_dane = false;
  bool also_judge_web_pki = false;
  bool keep_chain = false;  // Session::peer_chain() has the certificates
};

// What a way of authentication came to, in the words reports need (RFC 8460 §4.3).
enum class Judgement : std::uint8_t {
  not_judged,
  met,
  no_certificate,  // none was sent, or the handshake ended before
  name_mismatch,
  expired,      // or not yet valid
  not_trusted,  // the chain ends at no anchor
  no_match,     // DANE: no record matches any certificate it may match
  invalid,      // anything else: signatures, constraints, certificates that cannot be read
};

struct Verdict {
  Judgement judgement = Judgement::not_judged;
  std::string_view reason;   // why it is not met; static text
  std::int16_t record = -1;  // DANE: the index of the record that matched
  std::int16_t depth = -1;   // DANE: which certificate matched, the leaf is 0; -1: one that was not sent
};

// The certificate a client sent because we asked for one. RFC 8446 §4.3.2, RFC 5246 §7.4.4. Worth something
// once the handshake is complete: only then has the client proven that the key is its own.
struct ClientCertificate {
  bool sent = false;
  Verdict verdict;       // held against Settings::client_anchors_pem
  std::string identity;  // whom it names: its first mailbox, else its first DNS name, else its common name
  std::array<std::uint8_t, 32> sha256{};       // of the certificate
  std::array<std::uint8_t, 32> spki_sha256{};  // of its SubjectPublicKeyInfo
};

enum class Status : std::uint8_t {
  ok,          // handshake complete / bytes moved
  want_input,  // needs more ciphertext
  want_room,   // the sink is full: call again when it has room
  again,       // the step budget is used up: call again, nothing is missing
  closed,      // the peer sent close_notify
  failed,      // fatal; `facts().failure` says why; an alert may have been given to the sink
};

// What is known about the session; texts have static or session lifetime.
struct SessionFacts {
  std::string_view version;      // "TLSv1.3"
  std::string_view cipher;       // IANA name, "TLS_AES_128_GCM_SHA256"
  std::string_view server_name;  // SNI the peer sent, or we sent
  std::string_view failure;      // empty, or one line: why it failed
  bool resumed = false;
  bool authenticated = false;  // the peer matched the ServerDemand (kind other than unauthenticated)
  Verdict dane;
  Verdict web_pki;
};

class Core;

class Session {
 public:
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `input` is advanced past what was consumed. At most a few handshake messages are worked on per call, so
  // that one peer's handshake cannot hold the core for more than one public-key operation.
  Status handshake(Bytes& input, CipherSink& sink);
  // Decrypts into `plain`; `got` is how much. `ok` with got > 0, or a reason for none.
  Status read(Bytes& input, CipherSink& sink, MutableBytes plain, std::size_t& got);
  // Encrypts `plain`; `taken` is how much was. A `want_room` must be followed by the same bytes again.
  Status write(Bytes& input, CipherSink& sink, Bytes plain, std::size_t& taken);
  // Sends close_notify (RFC 8446 §6.1).
  void close(CipherSink& sink);
  // True while bytes are held inside that a read can give without further input.
  bool has_pending() const;
  SessionFacts facts() const;
  // The certificates the server sent, leaf first; empty unless the demand said to keep them.
  const std::vector<std::vector<std::uint8_t>>& peer_chain() const;
  const ClientCertificate& client_certificate() const;

  struct State;

 private:
  friend class Core;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Core {
 public:
  // Faults: a key that does not fit its certificate, text that is no PEM, an arena that cannot be had. All of
  // them are in the text, with the credential's first name.
  static Result<std::unique_ptr<Core>, Fault> create(const Settings& settings,
                                                     const std::vector<Credential>& credentials,
                                                     const TicketKeys& tickets,
                                                     const std::array<std::uint8_t, 32>& seed,
                                                     Counters& counters);
  ~Core();

  // Makes this core's arena and random numbers the calling thread's. Once, on the packet core.
  void enter_thread();

  // New server or client session; null where the arena is full (counted).
  // `ask_certificate`: the client is asked for a certificate. It may have none, or a bad one: the handshake
  // goes on, and client_certificate() tells. Such a session neither gives nor takes tickets, which would bring
  // back a session without its certificate.
  std::unique_ptr<Session> accept(bool ask_certificate = false);
  std::unique_ptr<Session> connect(const ServerDemand& demand);

  // The time, once per poll: certificates and tickets are judged by it. Until then it is that of
  // `create`.
  void set_time(WallTime now);
  // Ticket keys after a rotation.
  void set_ticket_keys(const TicketKeys& tickets);
  std::size_t arena_used() const;

  struct State;

 private:
  explicit Core(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::tls
