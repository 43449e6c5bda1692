// Cores, memory and rights: what has to hold before DPDK is started, in words for the person who must mend
// it.
#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "platform/eal/eal.hpp"
#include "platform/eal/machine.hpp"

namespace postern::eal {
namespace {

std::string core_list(const cpu_set_t& set) {
  std::string text;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) text += (text.empty() ? "" : ",") + std::to_string(core);
  }
  return text;
}

// The cores this process may use when it is not yet pinned: a thread of an already started EAL is pinned
// itself.
cpu_set_t allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core = 0; core < CPU_SETSIZE; ++core) CPU_SET(core, &set);
  cpu_set_t before;
  CPU_ZERO(&before);
  // The kernel cuts the wish down to what the cpuset allows; afterwards the old mask is put back.
  ::sched_getaffinity(0, sizeof before, &before);
  if (::sched_setaffinity(0, sizeof set, &set) == 0) {
    ::sched_getaffinity(0, sizeof set, &set);
    ::sched_setaffinity(0, sizeof before, &before);
    return set;
  }
  return before;
}

struct PageSize {
  std::uint64_t kilobytes = 0;
  std::uint64_t free = 0;
};

std::vector<PageSize> hugepage_pools() {
  std::vector<PageSize> pools;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", error)) {
    PageSize pool;
    const auto name = entry.path().filename().string();  // hugepages-2048kB
    pool.kilobytes = std::strtoull(name.c_str() + name.find('-') + 1, nullptr, 10);
    std::ifstream(entry.path() / "free_hugepages") >> pool.free;
    pools.push_back(pool);
  }
  return pools;
}

bool has_vdev(const board::Board& board, std::string_view driver) {
  return std::ranges::any_of(board.ports, [&](const board::Port& port) {
    return port.kind == board::Port::Kind::vdev && port.device.starts_with(driver);
  });
}

bool has_pci(const board::Board& board) {
  return std::ranges::find(board.ports, board::Port::Kind::pci, &board::Port::kind) != board.ports.end();
}

}  // namespace

bool has_capability(unsigned number) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return ::geteuid() == 0;
  return (data[number / 32].effective >> (number % 32) & 1) != 0;
}

void check_cores(const board::Board& board, Faults& faults) {
  const auto allowed = allowed_cores();
  const auto check = [&](const char* what, std::uint16_t core) {
    if (core < CPU_SETSIZE && CPU_ISSET(core, &allowed)) return;
    faults.push_back(Fault{board.source + ": [cores] " + what + " names core " + std::to_string(core) +
                           ", which this machine does not give us: use one of " + core_list(allowed)});
  };
  for (const auto core : board.cores.data) check("data", core);
  check("spool_writer", board.cores.spool_writer);
  check("housekeeping", board.cores.housekeeping);
}

void check_memory(const board::Board& board, Faults& faults) {
  const auto wanted = std::to_string(board.memory.megabytes) + " MB";
  if (!board.memory.hugepages) {
    const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
    const auto megabytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 20;
    if (board.memory.megabytes >= megabytes) {
      faults.push_back(Fault{board.source + ": [memory] megabytes asks for " + wanted + ", the machine has " +
                             std::to_string(megabytes) + " MB: lower it"});
    }
    return;
  }
  std::uint64_t free_kilobytes = 0;
  for (const auto& pool : hugepage_pools()) free_kilobytes += pool.free * pool.kilobytes;
  if (free_kilobytes >= std::uint64_t{board.memory.megabytes} * 1024) return;
  const auto pages = std::to_string((board.memory.megabytes + 1) / 2);
  faults.push_back(
      Fault{board.source + ": [memory] needs " + wanted + " of huge pages, " +
            std::to_string(free_kilobytes / 1024) + " MB are free: run `sysctl vm.nr_hugepages=" + pages +
            "` (/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages), or set hugepages = false"});
}

void check_rights(const board::Board& board, Faults& faults) {
  const auto need = [&](unsigned capability, const char* name, const char* why) {
    if (has_capability(capability)) return;
    faults.push_back(Fault{board.source + ": " + why + " needs the right " + name +
                           ": start as root, or give the program that capability"});
  };
  if (has_pci(board)) need(CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "a PCI port");
  if (has_vdev(board, "net_af_packet")) need(CAP_NET_RAW, "CAP_NET_RAW", "an af_packet port");
  if (has_vdev(board, "net_af_xdp")) need(CAP_NET_ADMIN, "CAP_NET_ADMIN", "an af_xdp port");
  if (has_vdev(board, "net_tap")) need(CAP_NET_ADMIN, "CAP_NET_ADMIN", "a tap port");
  if (std::ranges::any_of(board.ports, [](const board::Port& port) { return !port.exception_tap.empty(); })) {
    need(CAP_NET_ADMIN, "CAP_NET_ADMIN", "exception_tap");
  }
}

Faults check(const board::Board& board) {
  Faults faults;
  check_cores(board, faults);
  check_memory(board, faults);
  check_rights(board, faults);
  check_ports(board, faults);
  return faults;
}

}  // namespace postern::eal
