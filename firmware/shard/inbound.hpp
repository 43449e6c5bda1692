// One inbound session: a peer's connection, its TLS, its SMTP dialogue and the message it is handing over.
//
// The SMTP server says what has to happen next; this does it: handshake, recipient check, spooling. It goes
// on until something is missing and remembers what. 250 for a message is said after the spool reported
// `stored`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "firmware/dkim/message_hash.hpp"
#include "firmware/shard/channel.hpp"
#include "firmware/shard/session.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/smtp/server.hpp"

namespace postern::shard {

class Inbound final : public Session {
 public:
  // Takes a connection that was just opened.
  static void begin(Shard::State& shard, tcp::ConnectionId id);

  Inbound(Shard::State& shard, tcp::ConnectionId id, const wire::Flow& flow, const smtp::Peer& peer);
  ~Inbound() override;

  void on_event(tcp::EventKind kind) override;
  void run() override;
  void on_spool(const spool::Event& event) override;
  Instant deadline() const override;
  void on_deadline() override;
  void shut_down() override;

  // The answer to a login.
  void login_checked(smtp::LoginAnswer answer);
  // The answer to a recipient check that could not be given at once.
  void recipient_checked(smtp::RecipientAnswer answer, std::string_view reason);
  // The signature of the message, if it is still that one.
  void message_signed(spool::MessageId message, std::string_view fields);

 private:
  enum class Waits : std::uint8_t { nothing, login, recipient, signature, stored, room };

  bool step();
  bool flush();
  bool handshake();
  bool act(const smtp::Step& step);
  bool secure();
  void secured();
  void check_login();
  void check_recipient();
  void begin_message();
  bool take(Bytes bytes);
  bool keep(Bytes body);
  void finish_message();
  void add_front(std::string_view fields);
  bool is_unwanted() const;
  void store_message();
  void forget_message();
  void leave();
  bool drain();
  void tell(bool stored);
  void lost(tcp::EventKind kind);

  Shard::State& shard_;
  std::shared_ptr<const Settings> settings_;
  wire::Flow flow_;
  Channel channel_;
  smtp::Server server_;
  std::vector<std::uint8_t> unstored_;       // body bytes the spool had no room for yet
  std::unique_ptr<dkim::MessageHash> hash_;  // of a message that may be signed
  std::uint32_t front_ = 0;                  // bytes of the signature, behind the message
  bool for_reports_ = false;                 // the message is for the address of TLS reports
  std::string beginning_;                    // of such a message: what tells whether it is a report
  bool ending_ = false;                      // all of it is there; some may wait for room
  spool::MessageId message_ = 0;
  std::uint64_t message_bytes_ = 0;
  Instant began_{};
  Instant blocked_since_ = kNever;
  Waits waits_ = Waits::nothing;
  bool in_message_ = false;  // begun and not finished
  const bool implicit_tls_;
  const bool asks_certificate_;
  bool tls_wanted_;
  bool leaving_ = false;  // goodbye is said once the replies are out
  bool left_ = false;     // our FIN is under way
  bool peer_closed_ = false;
};

}  // namespace postern::shard
