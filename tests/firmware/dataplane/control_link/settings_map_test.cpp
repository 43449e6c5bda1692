// From names to the engines' structs: nothing is forgotten, and the schema's defaults are the engines' own.
#include <algorithm>
#include <set>

#include "firmware/dataplane/control_link/fields.hpp"
#include "firmware/dataplane/control_link/settings_map.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using dataplane::map_settings;

namespace {

const std::vector<std::string> kPorts{"wan", "lan"};

dataplane::DataplaneSettings mapped(ipc::SettingValues values, const ipc::Credentials& credentials = {}) {
  const auto settings = map_settings({3, std::move(values)}, credentials, kPorts);
  CHECK_TEXT(settings.has_value(), settings ? "" : settings.error().reason.c_str());
  return *settings;
}

std::string fault_of(ipc::SettingValues values) {
  const auto settings = map_settings({3, std::move(values)}, {}, kPorts);
  return settings ? "" : settings.error().reason;
}

// The settings that the data plane needs and that are mapped by hand, and those that only control needs.
const std::set<std::string_view> kByHand{"host_name",
                                         "domains.served",
                                         "recipients.verify",
                                         "recipients.known",
                                         "interface.<port>.addresses",
                                         "interface.<port>.gateway4",
                                         "interface.<port>.gateway6",
                                         "interface.<port>.routes",
                                         "listen.smtp",
                                         "listen.smtps",
                                         "office.servers",
                                         "office.tls",
                                         "office.pin",
                                         "office.name",
                                         "outbound.via",
                                         "outbound.at_least",
                                         "outbound.overrides",
                                         "submission.networks",
                                         "submission.ports",
                                         "submission.users",
                                         "submission.client_names",
                                         "submission.client_pins",
                                         "dkim.canonicalization",
                                         "dkim.lifetime",
                                         "spool.directory",
                                         "spool.reserve_bytes",
                                         "log.level"};
const std::set<std::string_view> kControlOnly{"dkim.keys",         "tls.certificates", "tls.ticket_rotation",
                                              "tls.trust_anchors", "log.messages",     "log.messages_bytes",
                                              "log.messages_kept", "submission.client_ca"};

}  // namespace

TEST_GROUP(SettingsMap){};

TEST(SettingsMap, every_setting_arrives_somewhere) {
  const auto fields = dataplane::field_names();
  for (const auto& setting : ipc::settings_schema()) {
    const bool in_table = std::find(fields.begin(), fields.end(), setting.name) != fields.end();
    const int places = (in_table ? 1 : 0) +
                       static_cast<int>(kByHand.count(setting.name) + kControlOnly.count(setting.name)) +
                       (setting.name.starts_with("resolver.") || setting.name.starts_with("tlsrpt.") ||
                                setting.name.starts_with("admin.")
                            ? 1
                            : 0);  // read by those processes
    LONGS_EQUAL_TEXT(1, places, std::string(setting.name).c_str());
  }
}

TEST(SettingsMap, every_field_in_the_tables_is_a_setting) {
  for (const auto name : dataplane::field_names()) {
    CHECK_TEXT(ipc::find_setting(name) != nullptr, std::string(name).c_str());
  }
}

TEST(SettingsMap, the_schemas_defaults_are_the_engines_own) {
  shard::Settings from_schema;
  dataplane::apply_fields(ipc::SettingsView(), from_schema);
  const shard::Settings own;
  // Printing every mapped field of both would repeat the tables; the structs are compared by value instead.
  CHECK(from_schema.server.message_bytes == own.server.message_bytes);
  CHECK(from_schema.server.header_bytes == own.server.header_bytes);
  CHECK(from_schema.server.line_bytes == own.server.line_bytes);
  CHECK(from_schema.server.command_bytes == own.server.command_bytes);
  CHECK(from_schema.server.recipients == own.server.recipients);
  CHECK(from_schema.server.messages_per_session == own.server.messages_per_session);
  CHECK(from_schema.server.commands_per_session == own.server.commands_per_session);
  CHECK(from_schema.server.errors_per_session == own.server.errors_per_session);
  CHECK(from_schema.server.received_hops == own.server.received_hops);
  CHECK(from_schema.server.command_timeout == own.server.command_timeout);
  CHECK(from_schema.server.data_timeout == own.server.data_timeout);
  CHECK(from_schema.server.message_timeout == own.server.message_timeout);
  CHECK(from_schema.client.greeting_timeout == own.client.greeting_timeout);
  CHECK(from_schema.client.command_timeout == own.client.command_timeout);
  CHECK(from_schema.client.data_timeout == own.client.data_timeout);
  CHECK(from_schema.client.final_timeout == own.client.final_timeout);
  CHECK(from_schema.outbound.parts == own.outbound.parts);
  CHECK(from_schema.outbound.connections == own.outbound.connections);
  CHECK(from_schema.outbound.connections_per_destination == own.outbound.connections_per_destination);
  CHECK(from_schema.outbound.first_connections == own.outbound.first_connections);
  CHECK(from_schema.outbound.connections_per_host == own.outbound.connections_per_host);
  CHECK(from_schema.outbound.idle == own.outbound.idle);
  CHECK(from_schema.outbound.next_address == own.outbound.next_address);
  CHECK(from_schema.outbound.policy_timeout == own.outbound.policy_timeout);
  CHECK(from_schema.outbound.retry_first == own.outbound.retry_first);
  CHECK(from_schema.outbound.retry_most == own.outbound.retry_most);
  CHECK(from_schema.outbound.delay_notice == own.outbound.delay_notice);
  CHECK(from_schema.outbound.client.final_timeout == own.outbound.client.final_timeout);
  CHECK(from_schema.outbound.policy.dane && from_schema.outbound.policy.mta_sts);
  CHECK(from_schema.submission.hide_client == own.submission.hide_client);
  CHECK(from_schema.submission.failures == own.submission.failures);
  CHECK(from_schema.submission.login_timeout == own.submission.login_timeout);
  CHECK(from_schema.server.logins_per_session == own.server.logins_per_session);
  CHECK(from_schema.tcp.connections == own.tcp.connections);
  CHECK(from_schema.tcp.send_buffer == own.tcp.send_buffer);
  CHECK(from_schema.tcp.buffer_memory == own.tcp.buffer_memory);
  CHECK(from_schema.tcp.user_timeout == own.tcp.user_timeout);
  CHECK(from_schema.tcp.keepalive_idle == own.tcp.keepalive_idle);
  CHECK(from_schema.tcp.time_wait == own.tcp.time_wait);
  CHECK(from_schema.tcp.half_open == own.tcp.half_open);
  CHECK(from_schema.tcp.half_open_plain == own.tcp.half_open_plain);
  CHECK(from_schema.tcp.syn_ack_retries == own.tcp.syn_ack_retries);
  CHECK(from_schema.tcp.time_wait_records == own.tcp.time_wait_records);
  CHECK(from_schema.tcp.replies == own.tcp.replies);
  CHECK(from_schema.tcp.timers_per_advance == own.tcp.timers_per_advance);
  CHECK(from_schema.tcp.out_of_order_ranges == own.tcp.out_of_order_ranges);
  CHECK(from_schema.tcp.challenge_acks == own.tcp.challenge_acks);
  CHECK(from_schema.tcp.initial_segments == own.tcp.initial_segments);
  CHECK(from_schema.tcp.retransmissions == own.tcp.retransmissions);
  CHECK(from_schema.tcp.keepalive_probes == own.tcp.keepalive_probes);
  CHECK(from_schema.tcp.keepalive_interval == own.tcp.keepalive_interval);
  CHECK(from_schema.tcp.initial_rto == own.tcp.initial_rto);
  CHECK(from_schema.tcp.maximum_rto == own.tcp.maximum_rto);
  CHECK(from_schema.tcp.delayed_ack == own.tcp.delayed_ack);
  CHECK(from_schema.tcp.fin_wait_2 == own.tcp.fin_wait_2);
  CHECK(from_schema.tcp.first_window == own.tcp.first_window);
  CHECK(from_schema.tcp.first_port == own.tcp.first_port);
  CHECK(from_schema.tcp.last_port == own.tcp.last_port);
  CHECK(from_schema.tcp.port_tries == own.tcp.port_tries);
  CHECK(from_schema.server.refuse_early_talkers == own.server.refuse_early_talkers);
  CHECK(from_schema.spool.orders == own.spool.orders);
  CHECK(from_schema.net.waiting_frames == own.net.waiting_frames);
  CHECK(from_schema.net.neighbours == own.net.neighbours);
  CHECK(from_schema.net.reassembly_memory == own.net.reassembly_memory);
  CHECK(from_schema.tls.arena_bytes == own.tls.arena_bytes);
  CHECK(from_schema.tls.ticket_lifetime == own.tls.ticket_lifetime);
  CHECK(from_schema.spool.segment_bytes == own.spool.segment_bytes);
  CHECK(from_schema.spool.chunk_memory == own.spool.chunk_memory);
  CHECK(from_schema.spool.cached_message_bytes == own.spool.cached_message_bytes);
  CHECK(from_schema.spool.retry_most == own.spool.retry_most);
  CHECK(from_schema.spool.queue_life == own.spool.queue_life);
  CHECK(from_schema.office.connections == own.office.connections);
  CHECK(from_schema.office.idle == own.office.idle);
  CHECK(from_schema.office.retry_most == own.office.retry_most);
  CHECK(from_schema.recipients.remember_known == own.recipients.remember_known);
  CHECK(from_schema.recipients.remember_unknown == own.recipients.remember_unknown);
  CHECK(from_schema.recipients.remembered == own.recipients.remembered);
  CHECK(from_schema.stalled_writer == own.stalled_writer);
}

TEST(SettingsMap, the_largest_and_smallest_values_fit_their_fields) {
  // A narrow field would cut the value without a word: what is mapped is compared with what was set.
  const auto tcp = mapped({{"tcp.mtu", "9216"},
                           {"tcp.last_port", "65535"},
                           {"tcp.challenge_acks", "255"},
                           {"tcp.replies", "65535"},
                           {"tcp.out_of_order_ranges", "128"}})
                       .shard.tcp;
  LONGS_EQUAL(9216, tcp.mtu);
  LONGS_EQUAL(65535, tcp.last_port);
  LONGS_EQUAL(255, tcp.challenge_acks);
  LONGS_EQUAL(65535, tcp.replies);
  LONGS_EQUAL(128, tcp.out_of_order_ranges);
  const auto server = mapped({{"smtp.message_bytes", "2G"}, {"smtp.header_bytes", "16M"}}).shard.server;
  CHECK(server.message_bytes == std::uint64_t{2} << 30);
  LONGS_EQUAL(16 << 20, server.header_bytes);
}

TEST(SettingsMap, ports_get_their_addresses_and_gateways) {
  const auto settings = mapped({{"interface.wan.addresses", "192.0.2.1/24\n2001:db8::1/64"},
                                {"interface.wan.gateway4", "192.0.2.254"},
                                {"interface.wan.gateway6", "fe80::1"},
                                {"interface.lan.addresses", "10.0.0.1/8"}});
  const auto& net = settings.shard.net;
  LONGS_EQUAL(2, net.interfaces.size());
  LONGS_EQUAL(2, net.interfaces[0].addresses.size());
  LONGS_EQUAL(1, net.interfaces[1].addresses.size());
  LONGS_EQUAL(2, net.routes.size());
  STRCMP_EQUAL("192.0.2.254", net.routes[0].gateway.text().c_str());
  LONGS_EQUAL(0, net.routes[0].destination.length);
  CHECK(net.routes[0].destination.address.is_v4());
  CHECK(!net.routes[1].destination.address.is_v4());
}

TEST(SettingsMap, a_port_the_board_does_not_have_is_told_with_those_it_has) {
  STRCMP_EQUAL("interface.dmz.addresses: the board has no port \"dmz\"; its ports are: wan, lan",
               fault_of({{"interface.dmz.addresses", "192.0.2.1/24"}}).c_str());
}

TEST(SettingsMap, a_gateway_out_of_reach_or_of_the_other_family_is_told) {
  CHECK(fault_of({{"interface.wan.addresses", "192.0.2.1/24"}, {"interface.wan.gateway4", "198.51.100.1"}})
            .find("reaches") != std::string::npos);
  CHECK(fault_of({{"interface.wan.addresses", "192.0.2.1/24"}, {"interface.wan.gateway4", "2001:db8::1"}})
            .find("family") != std::string::npos);
}

TEST(SettingsMap, routes_name_a_network_and_a_router_that_is_reached) {
  const auto settings =
      mapped({{"interface.wan.addresses", "192.0.2.1/24\n2001:db8::1/64"},
              {"interface.wan.routes", "10.0.0.0/8 via 192.0.2.254\n2001:db8:9::/48 via fe80::9"}});
  const auto& routes = settings.shard.net.routes;
  LONGS_EQUAL(2, routes.size());
  CHECK(routes[0].destination == *wire::Prefix::parse("10.0.0.0/8"));
  CHECK(routes[0].gateway == *wire::IpAddress::parse("192.0.2.254"));
  LONGS_EQUAL(0, routes[0].port);
  for (const auto* wrong : {"10.0.0.0/8", "10.0.0.0/8 by 192.0.2.254", "10.0.0.0 via 192.0.2.254",
                            "10.0.0.0/8 via fe80::9", "10.0.0.0/8 via 198.51.100.1", "ten via 192.0.2.254"}) {
    const auto told =
        fault_of({{"interface.wan.addresses", "192.0.2.1/24"}, {"interface.wan.routes", wrong}});
    CHECK_TEXT(told.starts_with("interface.wan.routes"), wrong);
  }
}

TEST(SettingsMap, every_cap_of_tcp_and_ip_is_a_setting_with_the_engines_default) {
  shard::Settings from_schema;
  dataplane::apply_fields(ipc::SettingsView(), from_schema);
  const tcp::Settings own;
  const auto& tcp = from_schema.tcp;
  CHECK(tcp.half_open_per_prefix == own.half_open_per_prefix);
  CHECK(tcp.useless_data_acks == own.useless_data_acks);
  CHECK(tcp.fin_wait_longest == own.fin_wait_longest);
  CHECK(tcp.fin_wait_connections == own.fin_wait_connections);
  CHECK(tcp.zero_window == own.zero_window);
  CHECK(tcp.zero_window_connections == own.zero_window_connections);
  CHECK(tcp.user_timeout_announced == own.user_timeout_announced);
  CHECK(tcp.user_timeout_from_peer == own.user_timeout_from_peer);
  CHECK(tcp.user_timeout_least == own.user_timeout_least);
  CHECK(tcp.user_timeout_most == own.user_timeout_most);
  CHECK(tcp.pacing == own.pacing);
  CHECK(tcp.pacing_burst == own.pacing_burst);
  CHECK(tcp.ecn_accept == own.ecn_accept);
  CHECK(tcp.ecn_request == own.ecn_request);
  CHECK(tcp.undo == own.undo);
  CHECK(tcp.non_validated == own.non_validated);
  CHECK(tcp.mtu_probing == own.mtu_probing);
  CHECK(tcp.mtu_probe_interval == own.mtu_probe_interval);
  CHECK(tcp.mtu_probes == own.mtu_probes);
  CHECK(tcp.hystart == own.hystart);
  CHECK(from_schema.net.address_probing == net::Settings().address_probing);
  CHECK(from_schema.net.router_advertisements == net::Settings().router_advertisements);
}

TEST(SettingsMap, the_office_demand_follows_office_tls) {
  const std::string pin(64, 'a');
  const auto pinned = mapped({{"office.tls", "pinned"}, {"office.pin", pin}}).shard;
  CHECK(pinned.office.demand.kind == tls::ServerDemand::Kind::pinned);
  CHECK(pinned.office.tls == shard::OfficeSettings::Tls::required);
  LONGS_EQUAL(0xaa, pinned.office.demand.spki_sha256[31]);
  CHECK(pinned.client.require_tls);
  const auto plain = mapped({{"office.tls", "plain"}}).shard;
  CHECK(!plain.client.use_starttls);
  CHECK(!plain.client.require_tls);
  const auto web = mapped({{"office.tls", "webpki"}, {"office.name", "mail.example.net"}}).shard;
  CHECK(web.office.demand.kind == tls::ServerDemand::Kind::web_pki);
  STRCMP_EQUAL("mail.example.net", web.office.demand.server_name.c_str());
}

TEST(SettingsMap, office_servers_keep_their_order) {
  const auto office = mapped({{"office.servers", "[2001:db8::2]:26\n192.0.2.9:25"}}).shard.office;
  LONGS_EQUAL(2, office.servers.size());
  LONGS_EQUAL(26, office.servers[0].port);
  STRCMP_EQUAL("192.0.2.9", office.servers[1].address.text().c_str());
}

TEST(SettingsMap, without_a_certificate_starttls_is_not_offered) {
  CHECK(!mapped({}).shard.server.offer_starttls);
  const ipc::Credentials one{{{{"a.example"}, "chain", "key"}}, "anchors"};
  const auto with = mapped({}, one);
  CHECK(with.shard.server.offer_starttls);
  STRCMP_EQUAL("key", with.credentials[0].key_pem.c_str());
  STRCMP_EQUAL("anchors", with.shard.tls.trust_anchors_pem.c_str());
}

TEST(SettingsMap, rules_for_single_domains_are_read) {
  const auto settings = mapped({{"outbound.overrides",
                                 "Example.COM instead plaintext 2027-01-31 their TLS is broken\n"
                                 ".b\u00fccher.example at-least dane+pkix 2026-12-31 contract"}});
  const auto& rules = settings.shard.outbound.overrides;
  LONGS_EQUAL(2, rules.size());
  STRCMP_EQUAL("example.com", rules[0].first.c_str());
  CHECK(rules[0].second.kind == policy::Override::Kind::instead);
  CHECK(rules[0].second.insist == policy::Insist::plaintext);
  CHECK(rules[0].second.expires ==
        WallTime(std::chrono::sys_days{std::chrono::year{2027} / 2 / 1}.time_since_epoch()));
  STRCMP_EQUAL("their TLS is broken", rules[0].second.reason.c_str());
  STRCMP_EQUAL(".xn--bcher-kva.example", rules[1].first.c_str());
  CHECK(rules[1].second.insist == policy::Insist::dane_and_pkix);
}

TEST(SettingsMap, a_rule_that_is_not_whole_or_never_ends_is_refused) {
  for (const char* bad :
       {"example.com", "example.com instead", "example.com instead tls 2027-01-31 x",
        "example.com instead plaintext forever x", "example.com instead plaintext 2027-02-30 x",
        "example.com instead plaintext 2027-01-31", "example.com at-least plaintext 2027-01-31 x",
        "exa mple instead plaintext 2027-01-31 x"}) {
    CHECK_TEXT(fault_of({{"outbound.overrides", bad}}).starts_with("outbound.overrides holds"), bad);
  }
}

TEST(SettingsMap, logins_are_offered_where_there_are_users_and_a_password_in_the_clear_is_refused) {
  CHECK(!mapped({}).shard.submission.logins);
  CHECK(mapped({{"submission.users", "ann $argon2id$v=19$m=65536,t=2,p=1$x$y"}}).shard.submission.logins);
  const auto fault = fault_of({{"submission.users", "ann hunter2"}});
  CHECK(fault.starts_with("submission.users holds \"ann\""));
  CHECK(fault.find("hunter2") == std::string::npos);
}

TEST(SettingsMap, domains_and_recipients_are_lower_case) {
  const auto settings = mapped({{"domains.served", "Example.NET"},
                                {"recipients.known", "Anna@Example.net"},
                                {"recipients.verify", "static"}})
                            .shard;
  STRCMP_EQUAL("example.net", settings.server.served_domains[0].c_str());
  STRCMP_EQUAL("anna@example.net", settings.recipients.known[0].c_str());
  CHECK(settings.recipients.verify == shard::RecipientSettings::Verify::listed);
}
