// The world with an internet: domains with mail servers and promises, and a stranger who may send through us.
#pragma once

#include <string>
#include <vector>

#include "tests/firmware/shard/credentials.hpp"
#include "tests/firmware/shard/mail_servers.hpp"

namespace postern::test {

inline bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

inline constexpr const char* kOne = "192.0.2.21";
inline constexpr const char* kTwo = "192.0.2.22";

// What one attempt to reach a server was told as.
struct ToldSession {
  std::string domain;
  std::string host;
  bool connected = false;
  bool secured = false;
  policy::Finding dane;
  policy::Finding sts;
  std::string insisted;
  bool tls_required_no = false;
};

struct OutWorld {
  explicit OutWorld(shard::Settings settings = out_settings(), shard::LoginSource* logins = nullptr,
                    std::vector<shard::SigningKey> keys = {}, shard::SignatureSource* signatures = nullptr);
  static shard::Settings out_settings();

  // The stranger sends through us; gives what was answered.
  std::string send(const std::string& to, const std::string& header = "Subject: x\r\n",
                   const std::string& from = "ann@example.org", const std::string& mail_parameters = {});
  // A host of mx.example's kind: certificate and TLSA records that match it.
  static const tls::Credential& certificate();
  static policy::Tlsa good_tlsa();
  static policy::Tlsa wrong_tlsa();
  tls::Core* server_tls();
  // A mail server of far.example and near.example at that address of the internet.
  MailServer& server(const char* address, bool tls = true);
  bool arrives(MailServer& at, Duration limit = std::chrono::seconds(30), std::size_t count = 1);
  bool deferred(Duration limit = std::chrono::minutes(3));
  // The office, where senders are, has got something.
  bool bounced(Duration limit = std::chrono::seconds(30));
  bool deferred_with(std::string_view words) const;
  bool told(std::string_view kind) const;

  Policies policies;
  World world;
  MailServers servers;
  std::vector<ToldSession> sessions;
  std::vector<std::string> deferrals;  // the reply of each
  std::vector<std::string> bounces;

 private:
  tls::Counters server_counters_;
  std::unique_ptr<tls::Core> server_tls_;
};

// Facts as the resolver would find them.
struct FactsMaker {
  policy::Facts facts;
  explicit FactsMaker(std::string domain, policy::Security security = policy::Security::secure);
  FactsMaker& host(const std::string& name, const std::vector<const char*>& addresses,
                   std::uint16_t preference = 10);
  // Of the last host.
  FactsMaker& tlsa(policy::Tlsa record);
  FactsMaker& tlsa_state(policy::TlsaState state);
  FactsMaker& sts(policy::StsMode mode, const std::string& pattern);
  operator policy::Facts() const { return facts; }  // NOLINT: that is what it is for
};

}  // namespace postern::test
