// What postern-keystore may do: see the header.
#include "firmware/control/keystore/service/powers.hpp"

namespace postern::keystore {

process::Powers keystore_powers(const std::string& directory, const std::string& key_directory) {
  return {
      .process = "postern-keystore",
      .calls =
          {// its files
           "fsync", "getdents64", "openat", "rename", "unlink",
           // guarded memory
           "mlock2", "munlock", "mlock",
           // the line to control; the TPM, where it is one in software
           "memfd_create", "ftruncate", "recvmsg", "recvfrom", "sendmsg", "sendto"},
      .socket_families = {},
      .new_threads = false,
      .capabilities = {},
      .user = "postern-keys",
      .network = false,
      .reach = process::Reach{.readable = {"/dev/urandom", "/etc/localtime"},
                              .writable = {directory, key_directory},
                              .tcp_ports = {}},
  };
}

}  // namespace postern::keystore
