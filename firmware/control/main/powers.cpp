// What postern-control may do: read settings and keys, write its log, talk to the data plane, to people and
// to the resolver. It starts no programs (the launcher does) and keeps no capability.
#include "firmware/control/main/powers.hpp"

#include <sys/socket.h>

namespace postern::control {

const process::Powers& control_powers() {
  static const process::Powers kPowers{
      .process = "postern-control",
      .calls =
          {// settings, keys, logs, the run directory
           "access", "chmod", "fchmod", "ftruncate", "getdents64", "mkdir", "openat", "readlink", "rename",
           "stat", "lstat", "statx", "fsync", "umask", "unlink", "unlinkat", "flock",
           // the reporter's database, which it only reads; SQLite keeps its marks of reading beside it
           "pread64", "pwrite64", "getcwd", "fchown",
           // the lines to the data plane and to people
           "accept4", "bind", "connect", "getsockopt", "listen", "memfd_create", "recvmsg", "recvfrom",
           "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair",
           // the resolver
           "getpeername", "getsockname", "ioctl", "recvmmsg", "sendmmsg", "sysinfo",
           // a data plane that an earlier control started
           "pidfd_open", "pidfd_send_signal",
           // itself
           "epoll_create1", "eventfd2", "signalfd4", "sched_setaffinity"},
      .socket_families = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK},
      .new_threads = true,
      .capabilities = {},
  };
  return kPowers;
}

}  // namespace postern::control
