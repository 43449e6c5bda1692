// One connection's bytes, in clear or under TLS: joins a TCP connection and, once started, a TLS session.
//
// Input is a view straight into the arrived frame (clear) or into the core's scratch buffer (TLS); what its
// user does not take is kept: in the receive queue, or in a small buffer of the channel's own. Nothing is
// read ahead of its user, so a slow user closes the peer's window.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "firmware/tls/session.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

class Channel final : private tls::CipherSink {
 public:
  // `scratch` is the core's buffer for decrypted bytes, at least one TLS record (16 KiB).
  Channel(tcp::Engine& tcp, tcp::ConnectionId id, MutableBytes scratch);

  // From now on the bytes are TLS; handshake() has to be called until it says ok.
  void start_tls(std::unique_ptr<tls::Session> session);
  tls::Status handshake(Instant now);
  bool handshaking() const { return phase_ == Phase::handshaking; }
  bool secured() const { return phase_ == Phase::secured; }
  tls::SessionFacts tls_facts() const;
  // Of a session that asked for one; there has to be a TLS session.
  const tls::ClientCertificate& client_certificate() const { return session_->client_certificate(); }

  // Bytes in clear that are there now; empty where there are none. Valid until the next call here.
  Bytes input(Instant now);
  // The user took the first `count` bytes of the last input().
  void consumed(std::size_t count, Instant now);
  // True where input already arrived but was not taken.
  bool has_unread() const;
  // The peer sent its last byte, and TLS says so or there is no TLS.
  bool ended() const { return ended_; }
  // The TLS session broke; why.
  std::string_view failure() const { return failure_; }

  // Takes as much as there is room for.
  std::size_t write(Bytes plain, Instant now);

  // close_notify where there is TLS, then FIN.
  void close(Instant now);
  void abort(Instant now);

  tcp::ConnectionId id() const { return id_; }

 private:
  enum class Phase : std::uint8_t { clear, handshaking, secured, broken };

  std::size_t take(Bytes ciphertext) override;
  Bytes decrypt(Instant now);
  void broke(std::string_view why);

  tcp::Engine& tcp_;
  tcp::ConnectionId id_;
  MutableBytes scratch_;
  std::unique_ptr<tls::Session> session_;
  std::vector<std::uint8_t> held_;  // decrypted, not taken yet
  std::size_t held_from_ = 0;
  std::size_t offered_ = 0;  // bytes of scratch_ handed out by the last input()
  Instant now_{};
  std::string_view failure_;
  Phase phase_ = Phase::clear;
  bool ended_ = false;
};

}  // namespace postern::shard
