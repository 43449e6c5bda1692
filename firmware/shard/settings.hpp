// What one shard is told: the settings of each engine it joins, and those of its own work.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "firmware/dkim/body_hash.hpp"
#include "firmware/net/settings.hpp"
#include "firmware/policy/decide/overrides.hpp"
#include "firmware/smtp/client.hpp"
#include "firmware/smtp/server_settings.hpp"
#include "firmware/spool/spool.hpp"
#include "firmware/tcp/settings.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

// The mail servers behind the box, and how we insist on talking to them.
struct OfficeSettings {
  enum class Tls : std::uint8_t {
    plain,          // never STARTTLS
    opportunistic,  // where offered, whatever certificate
    required,       // pinned or web-PKI verified, as `demand` says; else the mail waits
  } tls = Tls::opportunistic;
  std::vector<wire::Endpoint> servers;  // in order of preference
  tls::ServerDemand demand;
  std::uint32_t connections = 8;                   // most at once from this shard
  std::uint32_t messages_per_connection = 100;     // then a new connection
  Duration idle = std::chrono::seconds(5);         // an unused connection is closed after this
  Duration retry_first = std::chrono::seconds(2);  // a server that failed is left alone this long, doubling
  Duration retry_most = std::chrono::minutes(2);
};

// Who is there behind the box.
struct RecipientSettings {
  enum class Verify : std::uint8_t {
    listed,  // exactly those in `known`
    office,  // whom the office's server accepts at RCPT (asked once, remembered)
    any,     // everybody in a served domain
  } verify = Verify::any;
  std::vector<std::string> known;  // lower case addresses
  std::string tls_reports;  // lower case address where reports about TLS come in; empty: none
  Duration remember_known = std::chrono::hours(1);
  Duration remember_unknown = std::chrono::minutes(5);
  std::uint32_t remembered = 100000;  // most answers kept
};

// How mail reaches the internet.
struct OutboundSettings {
  bool via_office = false;  // mail for others goes to the office's servers too: this box is no smart host
  std::uint16_t port = 25;
  std::uint32_t parts = 4000;                     // most parts of messages under way (see part.hpp)
  std::uint32_t connections = 500;                // most at once from this shard
  std::uint32_t connections_per_destination = 8;  // most for one domain; it starts with `first_connections`
  std::uint32_t first_connections = 2;
  std::uint32_t connections_per_host = 16;  // most to one address, for all domains it serves
  std::uint32_t messages_per_connection = 100;
  Duration idle = std::chrono::seconds(3);
  Duration connect_timeout = std::chrono::seconds(30);
  Duration next_address =
      std::chrono::seconds(2);  // a connection this slow: the next address is tried beside
  Duration policy_timeout = std::chrono::seconds(60);  // longest wait for the resolver
  Duration retry_first = std::chrono::seconds(30);     // a destination without a working server rests
  Duration retry_most = std::chrono::minutes(15);      // this long, doubling
  Duration delay_notice = std::chrono::hours(4);       // then the sender hears that it takes longer; 0: never
  smtp::ClientSettings client;
  policy::Settings policy;
  std::vector<policy::OverrideRule> overrides;
};

// How mail of those who may send to anybody is signed (RFC 6376). The keys are no setting.
struct SigningSettings {
  dkim::Canonical canonical = dkim::Canonical::relaxed;
  Duration lifetime{0};  // 0: a signature is good for ever
};

// Who may send through us to anybody.
struct SubmissionSettings {
  std::vector<wire::Prefix> networks;  // by address alone
  std::vector<std::uint16_t> ports;    // only for those who may send to anybody (RFC 6409)
  bool logins = false;                 // there are users: AUTH is offered there and where TLS comes first
  bool hide_client = true;             // of who logs in, no address in our Received line
  // A certificate, or its key, that counts as a login whoever signed it and whatever its dates: the SHA-256.
  struct ClientPin {
    std::string user;
    std::array<std::uint8_t, 32> sha256{};
  };
  bool client_authority = false;          // certificates of tls.client_anchors_pem count as a login
  std::vector<std::string> client_names;  // only of those who are named here; empty: all of them
  std::vector<ClientPin> client_pins;
  bool client_everywhere = false;  // certificates are asked for at smtp_ports, too
  std::uint32_t failures = 20;         // wrong logins of one network, then it waits
  Duration failures_time = std::chrono::minutes(10);
  std::uint32_t waiting = 32;  // most logins being checked
  Duration login_timeout = std::chrono::seconds(20);
};

struct Settings {
  std::uint8_t shard = 0;
  smtp::ServerSettings server;
  smtp::ClientSettings client;
  tcp::Settings tcp;
  net::Settings net;
  tls::Settings tls;
  spool::Settings spool;
  OfficeSettings office;
  RecipientSettings recipients;
  OutboundSettings outbound;
  SubmissionSettings submission;
  SigningSettings signing;
  std::vector<std::uint16_t> smtp_ports{25};
  std::vector<std::uint16_t> smtps_ports{465};
  Duration stalled_writer = std::chrono::minutes(5);  // a peer that reads nothing for so long is cut off
};

}  // namespace postern::shard
