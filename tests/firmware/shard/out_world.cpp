#include "tests/firmware/shard/out_world.hpp"

#include <algorithm>

namespace postern::test {
namespace {

shard::Birth birth_with(shard::PolicySource& policies, shard::LoginSource* logins,
                        std::vector<shard::SigningKey> keys, shard::SignatureSource* signatures) {
  auto birth = birth_with_certificate();
  birth.signatures = signatures;
  birth.policies = &policies;
  birth.logins = logins;
  birth.signing_keys = std::move(keys);
  return birth;
}

}  // namespace

shard::Settings OutWorld::out_settings() {
  auto settings = World::default_settings();
  settings.outbound.via_office = false;
  settings.submission.networks = {*wire::Prefix::parse("192.0.2.9/32")};
  settings.tls.trust_anchors_pem = tls::test::authority().pem();
  settings.server.offer_starttls = true;
  settings.net.duplicate_address_detection = false;
  return settings;
}

OutWorld::OutWorld(shard::Settings settings, shard::LoginSource* logins, std::vector<shard::SigningKey> keys,
                   shard::SignatureSource* signatures)
    : world(std::move(settings), birth_with(policies, logins, std::move(keys), signatures)),
      servers(world.internet) {
  world.on_internet = [this](const tcp::Event& event, Now now) { return servers.on_event(event, now); };
  world.go_on = [this](Now now) { servers.go_on(now); };
  world.now.wall = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  world.told.hear = [this](const shard::Outcome& outcome) {
    using Kind = shard::Outcome::Kind;
    if (outcome.kind == Kind::deferred) deferrals.emplace_back(outcome.reply);
    if (outcome.kind == Kind::bounced) bounces.emplace_back(outcome.reply);
    if (outcome.kind != Kind::session) return;
    sessions.push_back({std::string(outcome.domain), std::string(outcome.host), outcome.session.connected,
                        outcome.session.secured, outcome.session.dane, outcome.session.sts,
                        std::string(outcome.insisted), outcome.session.tls_required_no});
  };
}

std::string OutWorld::send(const std::string& to, const std::string& header, const std::string& from,
                           const std::string& mail_parameters) {
  auto talker = world.connect();
  std::string text = "EHLO office.example\r\nMAIL FROM:<" + from + ">" + mail_parameters + "\r\n";
  for (std::size_t at = 0; at < to.size();) {
    const auto end = std::min(to.find(' ', at), to.size());
    text += "RCPT TO:<" + to.substr(at, end - at) + ">\r\n";
    at = end + 1;
  }
  talker->say(text + "DATA\r\n" + header + "\r\nhello\r\n.\r\nQUIT\r\n");
  world.run_until([&] { return talker->ended; });
  world.talkers.clear();
  return talker->heard;
}

const tls::Credential& OutWorld::certificate() {
  static const auto made =
      tls::test::authority().issue({"mx1.far.example", "mx2.far.example"}, tls::test::Key::p256);
  return made;
}

policy::Tlsa OutWorld::good_tlsa() {
  const auto digest = tls::test::spki_sha256(certificate());
  return {3, 1, 1, {digest.begin(), digest.end()}};
}

policy::Tlsa OutWorld::wrong_tlsa() {
  return {3, 1, 1, std::vector<std::uint8_t>(32, 0x11)};
}

tls::Core* OutWorld::server_tls() {
  if (!server_tls_) {
    tls::Settings own;
    own.arena_bytes = 16u << 20;
    auto credential = certificate();
    credential.names.clear();  // whatever name is asked for
    server_tls_ = std::move(*tls::Core::create(own, {credential}, world.birth.tickets, {}, server_counters_));
    server_tls_->set_time(world.now.wall);
  }
  return server_tls_.get();
}

MailServer& OutWorld::server(const char* address, bool tls) {
  auto& made = servers.at(address);
  made.settings.host_name = "mx.far.example";
  made.settings.served_domains = {"far.example", "near.example"};
  made.tls = tls ? server_tls() : nullptr;
  return made;
}

bool OutWorld::arrives(MailServer& at, Duration limit, std::size_t count) {
  return world.run_until([&] { return at.mails.size() >= count; }, limit);
}

bool OutWorld::deferred(Duration limit) {
  return world.run_until([&] { return !deferrals.empty(); }, limit);
}

bool OutWorld::bounced(Duration limit) {
  return world.run_until([&] { return !world.office.mails.empty(); }, limit);
}

bool OutWorld::deferred_with(std::string_view words) const {
  return std::any_of(deferrals.begin(), deferrals.end(),
                     [&](const std::string& one) { return one.find(words) != std::string::npos; });
}

bool OutWorld::told(std::string_view kind) const {
  return std::any_of(world.told.lines.begin(), world.told.lines.end(),
                     [&](const std::string& line) { return line.starts_with(kind); });
}

FactsMaker::FactsMaker(std::string domain, policy::Security security) {
  facts.domain = facts.expanded = std::move(domain);
  facts.mx = policy::MxKind::list;
  facts.mx_security = security;
  facts.sts.state = policy::StsState::absent;
  facts.learned = WallTime(std::chrono::seconds(1));
  facts.expires = WallTime(std::chrono::hours(24 * 365 * 200));
}

FactsMaker& FactsMaker::host(const std::string& name, const std::vector<const char*>& addresses,
                             std::uint16_t preference) {
  policy::Host host;
  host.name = host.expanded = host.tlsa_base = name;
  host.preference = preference;
  const bool secure = facts.mx_security == policy::Security::secure;
  host.security = secure ? policy::HostSecurity::secure : policy::HostSecurity::insecure;
  host.tlsa_state = secure ? policy::TlsaState::none : policy::TlsaState::not_asked;
  host.names = {name, facts.domain};
  for (const auto* address : addresses) host.addresses.push_back(*wire::IpAddress::parse(address));
  facts.hosts.push_back(host);
  return *this;
}

FactsMaker& FactsMaker::tlsa(policy::Tlsa record) {
  facts.hosts.back().tlsa_state = policy::TlsaState::records;
  facts.hosts.back().tlsa.push_back(std::move(record));
  return *this;
}

FactsMaker& FactsMaker::tlsa_state(policy::TlsaState state) {
  facts.hosts.back().tlsa_state = state;
  return *this;
}

FactsMaker& FactsMaker::sts(policy::StsMode mode, const std::string& pattern) {
  facts.sts.state = policy::StsState::policy;
  facts.sts.mode = mode;
  facts.sts.id = "20260101";
  facts.sts.mx = {pattern};
  facts.sts.max_age = 86400;
  facts.sts.expires = facts.expires;
  return *this;
}

}  // namespace postern::test
