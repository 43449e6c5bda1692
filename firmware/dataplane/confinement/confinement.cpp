// The powers of postern-dataplane: see the header.
#include "firmware/dataplane/confinement/confinement.hpp"

#include <array>

namespace postern::dataplane {

namespace {

struct DriverCalls {
  std::string_view driver;
  std::span<const std::string_view> calls;
};

constexpr auto kPacketSocket = std::to_array<std::string_view>({"sendto", "recvfrom", "ioctl"});
constexpr auto kXdp =
    std::to_array<std::string_view>({"sendto", "recvfrom", "recvmsg", "getsockopt", "ioctl"});
constexpr auto kTap = std::to_array<std::string_view>({"ioctl"});
constexpr auto kMemif = std::to_array<std::string_view>({"recvmsg", "sendmsg", "accept", "accept4"});

constexpr auto kDrivers = std::to_array<DriverCalls>({
    {"net_af_packet", kPacketSocket},
    {"net_af_xdp", kXdp},
    {"net_tap", kTap},
    {"net_memif", kMemif},
    {"net_virtio_user", kTap},
});

}  // namespace

const process::Powers& dataplane_powers() {
  static const process::Powers kPowers{
      .process = "postern-dataplane",
      .calls =
          {// the spool: its files, written through a ring that exists already
           "openat", "unlink", "unlinkat", "fallocate", "fdatasync", "fsync", "fstatfs", "statfs", "statx",
           "pread64", "pwrite64", "preadv", "pwritev", "getdents64", "io_uring_enter", "rename", "renameat",
           // the line to control: a socket that listens already
           "accept4", "getsockopt", "recvmsg", "sendmsg", "sendto",
           // a report that came by mail, handed to control in sealed memory
           "memfd_create",
           // ending: the socket and the devices
           "shutdown", "eventfd2"},
      .socket_families = {},
      .new_threads = false,
      .capabilities = {},
  };
  return kPowers;
}

Result<void, Fault> confine_dataplane(std::span<const std::string_view> extra) {
  return process::confine(dataplane_powers(), extra);
}

std::span<const std::string_view> calls_of_driver(std::string_view driver) {
  for (const auto& known : kDrivers) {
    if (driver.starts_with(known.driver)) return known.calls;
  }
  return {};
}

}  // namespace postern::dataplane
