// The resolver's settings as values: see the header.
#include "firmware/control/resolver/service/options.hpp"

#include <algorithm>
#include <cstdio>

namespace postern::resolver {

namespace {

constexpr std::uint16_t kDnsPort = 53;

// "192.0.2.1:5353" as the library wants it: "192.0.2.1@5353".
Result<std::string, Fault> server_address(std::string_view text) {
  const auto server = ipc::read_host_port(text, kDnsPort);
  if (!server || !server->endpoint()) return fault("'" + std::string(text) + "' is no address with a port");
  return server->host + "@" + std::to_string(server->port);
}

Result<std::vector<std::string>, Fault> servers(const ipc::SettingsView& view, std::string_view name) {
  std::vector<std::string> all;
  for (const auto text : view.list(name)) {
    auto address = server_address(text);
    if (!address) return fault(std::string(name) + ": " + address.error().reason);
    all.push_back(std::move(*address));
  }
  return all;
}

Result<Stub, Fault> read_stub(std::string_view text) {
  const auto space = text.find(' ');
  const auto zone = lookup_name(text.substr(0, space));
  if (!zone || space == std::string_view::npos)
    return fault("'" + std::string(text) + "' is no zone and address");
  auto address = server_address(text.substr(space + 1));
  if (!address) return tl::unexpected(address.error());
  return Stub{*zone, std::move(*address)};
}

std::uint32_t seconds(const ipc::SettingsView& view, std::string_view name) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(view.duration(name)).count());
}

Result<void, Fault> read_dns(const ipc::SettingsView& view, DnsOptions& dns) {
  auto forwarders = servers(view, "resolver.forwarders");
  if (!forwarders) return tl::unexpected(forwarders.error());
  auto roots = servers(view, "resolver.roots");
  if (!roots) return tl::unexpected(roots.error());
  dns.forwarders = std::move(*forwarders);
  dns.roots = std::move(*roots);
  for (const auto text : view.list("resolver.stubs")) {
    auto stub = read_stub(text);
    if (!stub) return fault("resolver.stubs: " + stub.error().reason);
    dns.stubs.push_back(std::move(*stub));
  }
  for (const auto text : view.list("resolver.negative_anchors")) {
    auto anchor = read_negative_anchor(text);
    if (!anchor) return fault("resolver.negative_anchors: " + anchor.error().reason);
    dns.negative_anchors.push_back(std::move(*anchor));
  }
  dns.fixed_anchor_file = view.text("resolver.trust_anchor");
  dns.record_bytes = view.number("resolver.record_memory");
  dns.longest_ttl = seconds(view, "resolver.longest_ttl");
  dns.longest_negative_ttl = std::min(dns.longest_ttl, dns.longest_negative_ttl);
  dns.bogus_ttl = std::min(seconds(view, "resolver.failed_time"), dns.bogus_ttl);
  return {};
}

DomainRules read_rules(const ipc::SettingsView& view) {
  DomainRules rules;
  rules.dane = view.boolean("resolver.dane");
  rules.mta_sts = view.boolean("resolver.mta_sts");
  rules.tlsa_without_secure_mx = view.boolean("resolver.dane_insecure_mx");
  rules.longest_ttl = seconds(view, "resolver.longest_ttl");
  rules.least_ttl = std::min(seconds(view, "resolver.least_ttl"), rules.longest_ttl);
  rules.failed_ttl = seconds(view, "resolver.failed_time");
  rules.sts.refresh = view.duration("resolver.sts_refresh");
  rules.sts.retry_failed = view.duration("resolver.sts_retry");
  return rules;
}

}  // namespace

Result<NegativeAnchor, Fault> read_negative_anchor(std::string_view text) {
  const std::string whole(text);
  const auto space = whole.find(' ');
  const auto domain = lookup_name(whole.substr(0, space));
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const int got = space == std::string::npos
                      ? 0
                      : std::sscanf(whole.c_str() + space + 1, "%4d-%2u-%2uT%2d:%2d:%2dZ", &year, &month,
                                    &day, &hour, &minute, &second);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!domain || (got != 3 && got != 6) || !date.ok() || hour > 23 || minute > 59 || second > 60)
    return fault("'" + whole + "' is no domain with a date such as 2026-12-31");
  return NegativeAnchor{*domain, WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
                                     std::chrono::minutes(minute) + std::chrono::seconds(second)};
}

Result<ServiceOptions, Fault> service_options(const ipc::SettingsView& view) {
  ServiceOptions options;
  if (auto read = read_dns(view, options.lookup.dns); !read) return tl::unexpected(read.error());
  options.lookup.rules = read_rules(view);
  options.lookup.https_anchors = view.text("resolver.https_anchors");
  options.lookup.https.port = static_cast<std::uint16_t>(view.number("resolver.https_port"));
  options.lookup.https.timeout = view.duration("resolver.https_timeout");
  options.lookup.https.allow_private = view.boolean("resolver.private_policy_hosts");
  options.lookup.dns_deadline = view.duration("resolver.dns_deadline");
  options.lookup.deadline = std::max(view.duration("resolver.deadline"), options.lookup.dns_deadline);
  options.directory = view.text("resolver.directory");
  options.threads = view.number("resolver.threads");
  options.domains = view.number("resolver.domains");
  options.lookups = view.number("resolver.lookups");
  // Each lookup has two questions open most of the time.
  options.lookup.dns.sockets =
      static_cast<std::uint32_t>(std::clamp<std::size_t>(2 * options.lookups, 256, 16384));
  return options;
}

}  // namespace postern::resolver
