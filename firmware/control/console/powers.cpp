// What postern-console may do: talk to one terminal and to control's door, see the machine's addresses.
// It starts no program and opens no file of accounts: a small process of its own does.
#include "firmware/control/console/powers.hpp"

#include <sys/socket.h>

namespace postern::control::console {

process::Powers console_powers(const Options& options) {
  return {
      .process = "postern-console",
      .calls =
          {// the terminal
           "ioctl",
           // the door, and the addresses of the machine
           "connect", "getpeername", "getsockname", "getsockopt", "bind", "recvfrom", "recvmsg", "sendmsg",
           "sendto", "setsockopt", "openat"},
      .socket_families = {AF_UNIX, AF_NETLINK},
      .reach = process::Reach{.readable = {"/proc/net", "/sys/class/net", options.run_directory},
                              .writable = {},
                              .tcp_ports = {}},
  };
}

}  // namespace postern::control::console
