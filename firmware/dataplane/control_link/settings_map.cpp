// From names to the engines' structs: see the header.
#include "firmware/dataplane/control_link/settings_map.hpp"

#include <algorithm>
#include <charconv>

#include "firmware/dataplane/control_link/fields.hpp"
#include "firmware/dataplane/control_link/outbound_map.hpp"

namespace postern::dataplane {

namespace {

using ipc::SettingsView;

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// Every interface.<port>.* that was set has to name a port of the board.
Result<void, Fault> check_port_names(const SettingsView& view, std::span<const std::string> ports) {
  constexpr std::string_view kFront = "interface.";
  for (const auto& [name, value] : view.values()) {
    if (!name.starts_with(kFront)) continue;
    const auto port = name.substr(kFront.size(), name.find('.', kFront.size()) - kFront.size());
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) {
      return fault(name + ": the board has no port \"" + port + "\"; its ports are: " + joined(ports));
    }
  }
  return {};
}

bool reachable(const net::Interface& interface, const wire::IpAddress& gateway) {
  const auto& addresses = interface.addresses;
  return gateway.is_link_local() ||
         std::any_of(addresses.begin(), addresses.end(),
                     [&](const wire::Prefix& prefix) { return prefix.contains(gateway); });
}

Result<void, Fault> add_gateway(const SettingsView& view, const std::string& name,
                                std::string_view everywhere, PortIndex port, net::Settings& net) {
  const auto text = view.text(name);
  if (text.empty()) return {};
  const auto gateway = wire::IpAddress::parse(text);
  const auto destination = wire::Prefix::parse(everywhere);
  if (!gateway || !destination || gateway->is_v4() != destination->address.is_v4()) {
    return fault(name + " is " + std::string(text) + ": it has to be an address of the right family");
  }
  if (!reachable(net.interfaces[port], *gateway)) {
    return fault(name + " is " + std::string(text) + ", which none of this port's networks reaches");
  }
  net.routes.push_back({*destination, *gateway, port});
  return {};
}

// "NETWORK via ROUTER", each.
Result<void, Fault> add_routes(const SettingsView& view, const std::string& name, PortIndex port,
                               net::Settings& net) {
  for (const auto text : view.list(name)) {
    const auto words = ipc::split_list(text, ' ');
    const auto bad = [&](std::string_view what) {
      return fault(name + " holds \"" + std::string(text) + "\": " + std::string(what));
    };
    if (words.size() != 3 || words[1] != "via") return bad("it has to be a network, \"via\" and a router");
    const auto destination = wire::Prefix::parse(words[0]);
    const auto gateway = wire::IpAddress::parse(words[2]);
    if (!destination || words[0].find('/') == std::string_view::npos)
      return bad("the first word is no network");
    if (!gateway || gateway->is_v4() != destination->address.is_v4())
      return bad("the third word has to be an address of the same family");
    if (!reachable(net.interfaces[port], *gateway))
      return bad("none of this port's networks reaches the router");
    net.routes.push_back({*destination, *gateway, port});
  }
  return {};
}

Result<void, Fault> map_interfaces(const SettingsView& view, std::span<const std::string> ports,
                                   net::Settings& net) {
  if (auto right = check_port_names(view, ports); !right) return right;
  net.interfaces.resize(ports.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const auto port = static_cast<PortIndex>(i);
    const std::string front = "interface." + ports[i];
    net.interfaces[i].addresses = view.prefixes(front + ".addresses");
    if (auto done = add_gateway(view, front + ".gateway4", "0.0.0.0/0", port, net); !done) return done;
    if (auto done = add_gateway(view, front + ".gateway6", "::/0", port, net); !done) return done;
    if (auto done = add_routes(view, front + ".routes", port, net); !done) return done;
  }
  return {};
}

std::array<std::uint8_t, 32> read_pin(std::string_view hex) {
  std::array<std::uint8_t, 32> pin{};
  for (std::size_t i = 0; i < pin.size() && hex.size() >= 2 * (i + 1); ++i) {
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, pin[i], 16);
  }
  return pin;
}

void map_office(const SettingsView& view, shard::Settings& settings) {
  using Tls = shard::OfficeSettings::Tls;
  using Kind = tls::ServerDemand::Kind;
  const auto how = view.text("office.tls");
  auto& office = settings.office;
  office.tls = how == "plain" ? Tls::plain : how == "opportunistic" ? Tls::opportunistic : Tls::required;
  office.demand.kind = how == "pinned"   ? Kind::pinned
                       : how == "webpki" ? Kind::web_pki
                                         : Kind::unauthenticated;
  office.demand.server_name = view.text("office.name");
  office.demand.spki_sha256 = read_pin(view.text("office.pin"));
  // Names among office.servers are looked up by the control plane, which puts the addresses there.
  office.servers = view.endpoints("office.servers");
  settings.client.use_starttls = office.tls != Tls::plain;
  settings.client.require_tls = office.tls == Tls::required;
}

void map_recipients(const SettingsView& view, shard::RecipientSettings& recipients) {
  using Verify = shard::RecipientSettings::Verify;
  const auto how = view.text("recipients.verify");
  recipients.verify = how == "static" ? Verify::listed : how == "office" ? Verify::office : Verify::any;
  recipients.tls_reports = ipc::lower(view.text("tlsrpt.receive"));
  for (const auto address : view.list("recipients.known")) recipients.known.push_back(ipc::lower(address));
}

void map_identity(const SettingsView& view, shard::Settings& settings) {
  settings.server.host_name = view.text("host_name");
  settings.client.host_name = view.text("host_name");
  for (const auto name : view.list("domains.served"))
    settings.server.served_domains.push_back(ipc::lower(name));
  settings.smtp_ports = view.ports("listen.smtp");
  settings.smtps_ports = view.ports("listen.smtps");
}

void map_credentials(const ipc::Credentials& from, DataplaneSettings& to) {
  for (const auto& one : from.certificates) to.credentials.push_back({one.names, one.chain_pem, one.key_pem});
  for (const auto& one : from.signing_keys) {
    to.signing_keys.push_back({one.domain, one.selector, one.key_pem, one.tls_reports_only});
  }
  to.shard.tls.trust_anchors_pem = from.trust_anchors_pem;
  to.shard.tls.client_anchors_pem = from.client_anchors_pem;
  to.shard.submission.client_authority = !from.client_anchors_pem.empty();
  // Without a certificate there is nothing to offer.
  if (to.credentials.empty()) to.shard.server.offer_starttls = false;
}

}  // namespace

Result<DataplaneSettings, Fault> map_settings(const SettingsView& view, const ipc::Credentials& credentials,
                                              std::span<const std::string> ports) {
  DataplaneSettings settings;
  settings.generation = view.generation();
  apply_fields(view, settings.shard);
  map_identity(view, settings.shard);
  if (auto mapped = map_interfaces(view, ports, settings.shard.net); !mapped) {
    return tl::unexpected(mapped.error());
  }
  map_office(view, settings.shard);
  if (auto mapped = map_outbound(view, settings.shard); !mapped) return tl::unexpected(mapped.error());
  map_recipients(view, settings.shard.recipients);
  map_credentials(credentials, settings);
  settings.users = read_users(view);
  settings.spool_directory = view.text("spool.directory");
  settings.spool_reserve_bytes = view.number("spool.reserve_bytes");
  settings.log_level = ipc::read_level(view.text("log.level")).value_or(ipc::Level::info);
  return settings;
}

tls::TicketKeys map_tickets(const ipc::Tickets& tickets) {
  tls::TicketKeys keys;
  for (std::size_t i = 0; i < std::min(tickets.keys.size(), keys.keys.size()); ++i) {
    keys.keys[i].name = tickets.keys[i].name;
    keys.keys[i].secret = tickets.keys[i].secret;
  }
  return keys;
}

}  // namespace postern::dataplane
