#include "firmware/init/machine.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "firmware/init/system.hpp"
#include "platform/board/dmi.hpp"
#include "platform/board/kernel_line.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

constexpr const char* kBoards = "/usr/share/postern/boards";

// Fewer ways in for whoever takes a process over, and no surprises for the packet cores.
constexpr std::array<std::pair<const char*, const char*>, 10> kLimits{{
    {"kernel/kptr_restrict", "2"},
    {"kernel/dmesg_restrict", "1"},
    {"kernel/unprivileged_bpf_disabled", "1"},
    {"kernel/kexec_load_disabled", "1"},
    {"kernel/sysrq", "0"},
    {"kernel/yama/ptrace_scope", "2"},
    {"fs/protected_symlinks", "1"},
    {"fs/protected_hardlinks", "1"},
    {"fs/suid_dumpable", "0"},
    {"vm/overcommit_memory", "1"},
}};

ifreq request(const std::string& interface) {
  ifreq asked{};
  std::strncpy(asked.ifr_name, interface.c_str(), sizeof asked.ifr_name - 1);
  return asked;
}

void put_address(sockaddr& at, in_addr_t address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = address;
  std::memcpy(&at, &in, sizeof in);
}

bool bring_up(int socket, const std::string& interface) {
  auto asked = request(interface);
  if (::ioctl(socket, SIOCGIFFLAGS, &asked) != 0) return false;
  asked.ifr_flags = static_cast<short>(asked.ifr_flags | IFF_UP);
  return ::ioctl(socket, SIOCSIFFLAGS, &asked) == 0;
}

bool rename_interface(int socket, const std::string& from, const std::string& to) {
  auto asked = request(from);
  std::strncpy(asked.ifr_newname, to.c_str(), sizeof asked.ifr_newname - 1);
  return from == to || ::ioctl(socket, SIOCSIFNAME, &asked) == 0;
}

// "10.0.2.15/24,10.0.2.2": address, prefix, router (which may be missing).
struct Address {
  in_addr_t own = 0, mask = 0, router = 0;
};

bool read_address(const std::string& text, Address& address) {
  const auto slash = text.find('/'), comma = text.find(',');
  if (slash == std::string::npos || ::inet_pton(AF_INET, text.substr(0, slash).c_str(), &address.own) != 1)
    return false;
  const int prefix = std::atoi(text.c_str() + slash + 1);
  if (prefix < 1 || prefix > 32) return false;
  address.mask = htonl(~std::uint32_t{0} << (32 - prefix));
  return comma == std::string::npos || ::inet_pton(AF_INET, text.c_str() + comma + 1, &address.router) == 1;
}

bool give_address(int socket, const std::string& interface, const Address& address) {
  auto asked = request(interface);
  put_address(asked.ifr_addr, address.own);
  if (::ioctl(socket, SIOCSIFADDR, &asked) != 0) return false;
  if (address.own == 0) return true;
  put_address(asked.ifr_netmask, address.mask);
  if (::ioctl(socket, SIOCSIFNETMASK, &asked) != 0) return false;
  if (address.router == 0) return true;
  rtentry route{};
  put_address(route.rt_dst, 0);
  put_address(route.rt_genmask, 0);
  put_address(route.rt_gateway, address.router);
  route.rt_flags = RTF_UP | RTF_GATEWAY;
  return ::ioctl(socket, SIOCADDRT, &route) == 0;
}

bool names_port(const board::Board& board, const std::string& pci) {
  return std::any_of(board.ports.begin(), board.ports.end(),
                     [&](const auto& port) { return port.device == pci; });
}

// The kernel's name of the management port; empty where there is none. Ports of the packet path are bound
// away before.
std::string management_interface(const board::Board& board) {
  std::error_code failed;
  std::string first;
  std::string first_pci = "~";
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net", failed)) {
    const auto device = std::filesystem::canonical(entry.path() / "device", failed);
    if (failed) continue;
    // A virtio device lies below its PCI device.
    const auto pci = device.filename().string().starts_with("virtio")
                         ? device.parent_path().filename().string()
                         : device.filename().string();
    const auto name = entry.path().filename().string();
    if (board.management.pci == pci) return name;
    if (board.management.pci == "auto" && !names_port(board, pci) && pci < first_pci) {
      first = name;
      first_pci = pci;
    }
  }
  return first;
}

}  // namespace

Result<void, Fault> mount_rest() {
  constexpr unsigned long kNothing = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  for (const auto& what :
       {Mount{"tmpfs", "/tmp", "tmpfs", kNothing, "mode=1777,size=32m"},
        Mount{"devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666"},
        Mount{"tmpfs", "/dev/shm", "tmpfs", kNothing, "mode=1777,size=16m"},
        Mount{"cgroup2", "/sys/fs/cgroup", "cgroup2", kNothing, ""}}) {
    if (auto done = mount(what); !done) return done;
  }
  return {};
}

void set_limits() {
  for (const auto& [name, value] : kLimits) {
    if (auto done = write_file(std::string("/proc/sys/") + name, value); !done) say(done.error().reason);
  }
  // Making large pages out of small ones stops all cores for a moment, the packet cores too.
  if (auto done = write_file("/sys/kernel/mm/transparent_hugepage/enabled", "never"); !done)
    say(done.error().reason);
  // DPDK locks its memory, io_uring its rings.
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &all);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const rlimit files{65536, 65536};
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void limit_messages(int level) {
  ::klogctl(8, nullptr, level);
}

Result<Machine, Fault> choose_board(const std::string& command_line) {
  const auto wanted = kernel_word(command_line, "postern.board");
  const auto dmi = board::read_dmi();
  auto chosen = board::choose(wanted.empty() ? "auto" : wanted, kBoards, dmi);
  if (!chosen) return fault(chosen.error().front().reason);
  return Machine{std::move(chosen->board), std::move(chosen->notice)};
}

void ask_huge_pages(const board::Board& board) {
  const auto want = board::huge_pages(board);
  if (want == 0) return;
  const std::string path = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
  const auto there = read_file(path, 32);
  if (there && static_cast<std::uint32_t>(std::atol(there->c_str())) >= want) return;
  if (auto done = write_file(path, std::to_string(want)); !done) say(done.error().reason);
  const auto now = read_file(path, 32);
  if (!now || static_cast<std::uint32_t>(std::atol(now->c_str())) < want)
    say("TOO LITTLE MEMORY: " + std::to_string(want) + " huge pages are needed, there are " +
        (now ? *now : "none"));
}

std::string memory_line() {
  const auto text = read_file("/proc/meminfo", 8192);
  const auto figure = [&](std::string_view name) -> long {
    const auto at = text ? text->find(name) : std::string::npos;
    return at == std::string::npos ? 0 : std::atol(text->c_str() + at + name.size());
  };
  const auto total = figure("MemTotal:") / 1024, free = figure("MemAvailable:") / 1024;
  const auto huge = figure("HugePages_Total:") * 2;
  return "memory: " + std::to_string(total - free) + " MB of " + std::to_string(total) + " in use, " +
         std::to_string(huge) + " of these for the packet path";
}

bool set_address(const std::string& interface, std::uint32_t own, std::uint32_t mask, std::uint32_t router) {
  const process::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return give_address(socket.get(), interface, {htonl(own), htonl(mask), htonl(router)});
}

bool start_network(const board::Board& board, const std::string& text) {
  const process::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  bring_up(socket.get(), "lo");
  const auto found = management_interface(board);
  if (found.empty()) {
    cry("NO MANAGEMENT PORT: the box can be met on its console only");
    return false;
  }
  const auto& name = board.management.name;
  if (!rename_interface(socket.get(), found, name)) say(error_text("cannot name the management port", found));
  if (!bring_up(socket.get(), name)) say(error_text("the management port does not come up:", name));
  Address address;
  if (!read_address(text, address) || !give_address(socket.get(), name, address)) return true;
  say("management port " + name + ": " + text);
  return false;
}

}  // namespace postern::init
