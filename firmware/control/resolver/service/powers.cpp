// What the resolver may do: see the header.
#include "firmware/control/resolver/service/powers.hpp"

#include <sys/socket.h>

#include <charconv>

namespace postern::resolver {

namespace {

constexpr std::uint16_t kDnsPort = 53;

std::uint16_t port_of(const std::string& server) {
  const auto at = server.find('@');
  std::uint16_t port = kDnsPort;
  if (at != std::string::npos) std::from_chars(server.data() + at + 1, server.data() + server.size(), port);
  return port;
}

process::Reach reach_of(const ServiceOptions& options) {
  const auto& dns = options.lookup.dns;
  process::Reach reach;
  reach.readable = {options.lookup.https_anchors, dns.anchor_start, "/dev/urandom", "/etc/localtime"};
  if (!dns.fixed_anchor_file.empty()) reach.readable.push_back(dns.fixed_anchor_file);
  reach.writable = {options.directory};
  reach.tcp_ports = {kDnsPort, options.lookup.https.port};
  for (const auto* list : {&dns.roots, &dns.forwarders}) {
    for (const auto& server : *list) reach.tcp_ports.push_back(port_of(server));
  }
  for (const auto& stub : dns.stubs) reach.tcp_ports.push_back(port_of(stub.address));
  return reach;
}

}  // namespace

process::Powers resolver_powers(const ServiceOptions& options) {
  return {
      .process = "postern-resolver",
      .calls =
          {// the cache and the anchors
           "access", "faccessat2", "fchmod", "fdatasync", "fsync", "ftruncate", "getcwd", "lstat", "openat",
           "pread64", "pwrite64", "readlink", "rename", "stat", "statx", "unlink", "umask",
           // name servers, policy hosts, control
           "bind", "connect", "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmsg", "sendmsg",
           "sendto", "setsockopt", "shutdown", "sendmmsg", "recvmmsg",
           // its loops
           "epoll_create1", "eventfd2"},
      .socket_families = {AF_INET, AF_INET6},
      .new_threads = false,
      .capabilities = {},
      .reach = reach_of(options),
  };
}

}  // namespace postern::resolver
