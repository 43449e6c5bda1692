// How DNS is to be asked: name servers, trust anchors, limits. One value, made from settings or from a
// command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/time.hpp"

namespace postern::resolver {

// A domain that is treated as unsigned for a while, because its signatures are known to be broken by mistake.
// RFC 7646 §2.
struct NegativeAnchor {
  std::string domain;
  WallTime until = WallTime::max();
  bool operator==(const NegativeAnchor&) const = default;
};

// A zone that is asked for at a given server. `address` is "192.0.2.1" or "192.0.2.1@5353".
struct Stub {
  std::string zone;
  std::string address;
  bool operator==(const Stub&) const = default;
};

struct DnsOptions {
  // Whom to ask. Neither roots nor forwarders: the root servers of the internet.
  std::vector<std::string> roots;       // addresses of root servers
  std::vector<std::string> forwarders;  // resolvers that are asked instead of going from the root
  std::vector<Stub> stubs;

  // Keys in force, kept up to date (RFC 5011) where the directory can be written; see anchors.hpp.
  std::string anchor_start = "/usr/share/dns/root.key";  // where a managed file begins
  std::string anchor_file;                               // managed; empty: none
  std::string fixed_anchor_file;  // believed as it is, never changed; replaces the managed one
  std::vector<NegativeAnchor> negative_anchors;

  // Limits of one context.
  std::size_t most_questions = 8192;          // open at once; more are refused
  std::uint32_t sockets = 1024;               // to name servers, UDP; TCP gets an eighth
  std::uint64_t record_bytes = 32u << 20;     // memory for records; messages get half
  std::uint32_t longest_ttl = 86400;          // seconds
  std::uint32_t longest_negative_ttl = 3600;  // seconds
  std::uint32_t bogus_ttl = 30;               // seconds that a forged answer is remembered
  bool operator==(const DnsOptions&) const = default;
};

}  // namespace postern::resolver
