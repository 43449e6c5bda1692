// Facts for tests: a domain with two servers, everything as good as can be.
#pragma once

#include <string>

#include "firmware/policy/facts.hpp"

namespace postern::policy::test {

inline const WallTime kNow = WallTime(std::chrono::hours(24 * 20000));

inline Tlsa key_record(std::uint8_t first = 1) {
  Tlsa record{3, 1, 1, std::vector<std::uint8_t>(32, first)};
  return record;
}

inline Host example_host(const std::string& name) {
  Host host;
  host.name = host.expanded = host.tlsa_base = name;
  host.preference = 10;
  host.security = HostSecurity::secure;
  host.addresses = {*wire::IpAddress::parse("2001:db8::25"), *wire::IpAddress::parse("192.0.2.25")};
  host.names = {name, "example.com"};
  host.tlsa_state = TlsaState::records;
  host.tlsa = {key_record()};
  return host;
}

inline Facts example_facts(const std::string& domain = "example.com") {
  Facts facts;
  facts.domain = facts.expanded = domain;
  facts.mx = MxKind::list;
  facts.mx_security = Security::secure;
  facts.hosts = {example_host("mx1.example.net"), example_host("mx2.example.net")};
  facts.sts.state = StsState::absent;
  facts.learned = kNow;
  facts.expires = kNow + std::chrono::hours(1);
  return facts;
}

inline Sts example_policy(StsMode mode, const std::string& mx = "*.example.net") {
  Sts sts;
  sts.state = StsState::policy;
  sts.id = "20260101";
  sts.mode = mode;
  sts.mx = {mx};
  sts.max_age = 86400;
  sts.fetched = kNow;
  sts.expires = kNow + std::chrono::hours(24);
  sts.text = "version: STSv1\nmode: enforce\nmx: " + mx + "\nmax_age: 86400\n";
  return sts;
}

}  // namespace postern::policy::test
