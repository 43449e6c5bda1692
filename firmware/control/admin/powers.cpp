// What the admin process may do: see the header.
#include "firmware/control/admin/powers.hpp"

#include <sys/socket.h>

#include <charconv>

namespace postern::admin {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kMailPort = 25;

std::uint16_t port_of(const std::string& server) {
  const auto at = server.find('@');
  std::uint16_t port = kDnsPort;
  if (at != std::string::npos) std::from_chars(server.data() + at + 1, server.data() + server.size(), port);
  return port;
}

process::Reach reach_of(const std::string& directory, const std::string& web, const std::string& door,
                        const resolver::LookupOptions& lookup) {
  const auto& dns = lookup.dns;
  process::Reach reach;
  reach.readable = {web,  lookup.https_anchors,     dns.anchor_start, "/dev/urandom", "/etc/localtime",
                    door, "/sys/devices/system/cpu"};
  if (!dns.fixed_anchor_file.empty()) reach.readable.push_back(dns.fixed_anchor_file);
  reach.writable = {directory};
  reach.tcp_ports = {kDnsPort, kMailPort, lookup.https.port};
  for (const auto* list : {&dns.roots, &dns.forwarders}) {
    for (const auto& server : *list) reach.tcp_ports.push_back(port_of(server));
  }
  for (const auto& stub : dns.stubs) reach.tcp_ports.push_back(port_of(stub.address));
  return reach;
}

}  // namespace

process::Powers admin_powers(const std::string& directory, const std::string& web, const std::string& door,
                             const resolver::LookupOptions& lookup) {
  return {
      .process = "postern-admin",
      .calls =
          {// people, the audit log, the pages
           "access", "faccessat2", "fchmod", "chmod", "fchown", "fdatasync", "flock", "fsync", "ftruncate",
           "getcwd", "getdents64", "lstat", "mkdir", "openat", "pread64", "pwrite64", "readlink", "rename",
           "stat", "statfs", "statx", "umask", "unlink", "sysinfo",
           // browsers, control, name servers, mail servers that are probed
           "accept4", "accept", "bind", "connect", "getpeername", "getsockname", "getsockopt", "recvfrom",
           "recvmsg", "recvmmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "ioctl",
           // its loops
           "epoll_create1", "eventfd2", "timerfd_create"},
      .socket_families = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK},
      .new_threads = true,
      .capabilities = {},
      .user = kUser,
      .network = true,
      .reach = reach_of(directory, web, door, lookup),
  };
}

}  // namespace postern::admin
