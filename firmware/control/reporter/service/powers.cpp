#include "firmware/control/reporter/service/powers.hpp"

#include <sys/socket.h>

#include <filesystem>

#include "firmware/control/outbox/intake.hpp"
#include "firmware/control/outbox/outbox.hpp"

namespace postern::reporter {

namespace {

// A report goes to whatever port its receiver names (RFC 8460 §3), so TCP is not limited.
process::Reach reach_of(const ServiceOptions& options) {
  process::Reach reach;
  const auto& lookup = options.lookup;
  reach.readable = {lookup.https_anchors, lookup.dns.anchor_start, "/dev/urandom", "/etc/localtime"};
  if (!lookup.dns.fixed_anchor_file.empty()) reach.readable.push_back(lookup.dns.fixed_anchor_file);
  reach.writable = {std::filesystem::path(options.database).parent_path().string(),
                    control::outbox_directory(options.database), control::intake_directory(options.database)};
  reach.any_tcp_port = true;
  return reach;
}

}  // namespace

process::Powers reporter_powers(const ServiceOptions& options) {
  return {
      .process = "postern-reporter",
      .calls =
          {// the database, the outbox, the anchors
           "access", "chmod", "faccessat2", "fchmod", "fdatasync", "fsync", "ftruncate", "getcwd",
           "getdents64", "lstat", "mkdir", "openat", "pread64", "pwrite64", "readlink", "rename", "stat",
           "statx", "umask", "unlink", "unlinkat",
           // name servers, web servers, control
           "bind", "connect", "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmsg", "recvmmsg",
           "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
           // its loops
           "epoll_create1", "eventfd2"},
      .socket_families = {AF_INET, AF_INET6},
      .new_threads = false,
      .capabilities = {},
      .reach = reach_of(options),
  };
}

}  // namespace postern::reporter
