// The internet's mail servers in the world: each an address of the stranger's host, with our own SMTP server
// behind it, with or without TLS, willing or not. And what is known of the domains: the resolver's twin.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "firmware/policy/encoding.hpp"
#include "firmware/shard/channel.hpp"
#include "firmware/shard/policy_source.hpp"
#include "tests/firmware/shard/world.hpp"

namespace postern::test {

// Keeps facts and answers questions when told to.
class Policies final : public shard::PolicySource {
 public:
  Bytes lookup(std::string_view domain) override;
  bool ask(shard::PolicyTicket ticket, std::string_view domain) override;
  bool ready(shard::PolicyTicket& ticket) override;

  // The resolver knows it and will publish it when asked.
  void know(policy::Facts facts) { known_[facts.domain] = std::move(facts); }
  // It is in the table already.
  void publish(policy::Facts facts);

  bool dead = false;  // takes questions and answers none
  bool full = false;  // takes no question
  int asked = 0;

 private:
  std::map<std::string, policy::Facts, std::less<>> known_;
  std::map<std::string, std::vector<std::uint8_t>, std::less<>> table_;
  std::vector<shard::PolicyTicket> answers_;
};

struct MailServer {
  smtp::ServerSettings settings;
  tls::Core* tls = nullptr;  // null: no STARTTLS
  bool requiretls = false;   // offers REQUIRETLS
  bool silent = false;       // takes connections and never says anything
  bool break_tls = false;    // says something that is no TLS after STARTTLS
  bool alert = false;        // is through with the handshake and then refuses with an alert
  std::string refuse;        // "421" and so on: said in place of the greeting
  smtp::StoreAnswer verdict = smtp::StoreAnswer::stored;
  std::vector<std::string> unknown;  // recipients it refuses for good
  std::vector<Office::Mail> mails;
  int sessions = 0;
  int hangs_up_after_mail = 0;  // resets so many connections in the middle of the text
};

class MailServers {
 public:
  explicit MailServers(Host& host);
  MailServer& at(const char* address) { return servers_[*wire::IpAddress::parse(address)]; }
  // True where the event was about one of these servers.
  bool on_event(const tcp::Event& event, Now now);
  void go_on(Now now);
  std::size_t mails() const;

 private:
  struct Session {
    MailServer* server;
    std::unique_ptr<shard::Channel> channel;
    std::unique_ptr<smtp::Server> smtp;
    std::string body;
    bool closing = false;
    bool wants_tls = false;
  };
  void open(tcp::ConnectionId id, Now now);
  bool step(tcp::ConnectionId id, Session& session, Now now);
  void act(Session& session, const smtp::Step& step, Now now);

  Host& host_;
  smtp::Counters counters_;
  std::vector<std::uint8_t> scratch_;
  std::map<wire::IpAddress, MailServer> servers_;
  std::map<std::uint32_t, Session> sessions_;
};

}  // namespace postern::test
