// Starts DPDK, attaches ports and runs the packet cores.
//
// DPDK's lcore 0 is the housekeeping thread, lcore i + 1 the i-th data core; `--lcores` maps them to CPUs, so
// a machine with one CPU can run both there.
#include "platform/eal/eal.hpp"

#include <pthread.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <sys/prctl.h>

#include <atomic>
#include <cstring>

#include "platform/eal/dpdk_log.hpp"

namespace postern::eal {
namespace {

unsigned lcore_of(std::size_t data_core) {
  return static_cast<unsigned>(data_core) + 1;
}

std::string lcore_map(const board::Cores& cores) {
  std::string map = "0@" + std::to_string(cores.housekeeping);
  for (std::size_t i = 0; i < cores.data.size(); ++i) {
    map += "," + std::to_string(lcore_of(i)) + "@" + std::to_string(cores.data[i]);
  }
  return map;
}

bool any_pci(const board::Board& board) {
  for (const auto& port : board.ports) {
    if (port.kind == board::Port::Kind::pci) return true;
  }
  return false;
}

std::string explain(std::string what, int error) {
  const auto said = take_dpdk_error();
  what += std::string(": ") + rte_strerror(error < 0 ? -error : error);
  return said.empty() ? what : what + " (DPDK says: " + said + ")";
}

std::atomic<bool> started{false};

// Names over 15 bytes are refused by the kernel.
void name_this_thread(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace

std::vector<std::string> arguments(const board::Board& board, const std::string& program) {
  std::vector<std::string> list{program,
                                "--lcores",
                                lcore_map(board.cores),
                                "--main-lcore",
                                "0",
                                "-m",
                                std::to_string(board.memory.megabytes),
                                "--no-telemetry",
                                "--log-level",
                                "*:warning"};
  if (board.memory.hugepages) {
    list.emplace_back("--in-memory");
  } else {
    // Small pages have no known physical address: only virtual ones will do.
    list.insert(list.end(), {"--no-huge", "--no-shconf", "--iova-mode", "va", "--file-prefix", "postern"});
  }
  if (!any_pci(board)) {
    list.emplace_back("--no-pci");
  } else {
    // Named devices only: DPDK must not take a port that is not the packet path's.
    for (const auto& device : resolve_devices(board)) {
      if (!device.empty() && device.find("net_") == std::string::npos)
        list.insert(list.end(), {"-a", device});
    }
  }
  return list;
}

struct Eal::Body {
  std::string name;
  std::function<void()> run;
  std::atomic<bool> running{false};

  static int enter(void* self) {
    auto& body = *static_cast<Body*>(self);
    name_this_thread(body.name);
    // Short sleeps of an idle core end when they should, not 50 us later.
    ::prctl(PR_SET_TIMERSLACK, 1);
    body.run();
    body.running.store(false, std::memory_order_release);
    return 0;
  }
};

Eal::Eal(board::Board board) : board_(std::move(board)), devices_(resolve_devices(board_)) {
  for (std::size_t i = 0; i < board_.cores.data.size(); ++i) bodies_.push_back(std::make_unique<Body>());
}

Result<std::unique_ptr<Eal>, Faults> Eal::start(const board::Board& board, const std::string& program) {
  auto faults = check(board);
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  if (started.exchange(true)) {
    return tl::unexpected(Faults{Fault{"DPDK was already started by this process: start a new process"}});
  }
  if (!take_over_dpdk_log())
    return tl::unexpected(Faults{Fault{"DPDK's log cannot be taken over: out of memory"}});
  auto list = arguments(board, program);
  std::vector<char*> argv;
  for (auto& argument : list) argv.push_back(argument.data());
  const QuietStart quiet;
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
    return tl::unexpected(Faults{Fault{explain(board.source + ": DPDK does not start", rte_errno)}});
  }
  name_this_thread("housekeeping");
  return std::unique_ptr<Eal>(new Eal(board));
}

Eal::~Eal() {
  for (std::size_t i = 0; i < bodies_.size(); ++i) wait(i);
  rte_eal_cleanup();
}

Result<std::uint16_t, Fault> Eal::attach_port(const board::Port& port) {
  std::string device = port.device;
  for (std::size_t i = 0; i < board_.ports.size(); ++i) {
    if (board_.ports[i].name == port.name) device = devices_[i];
  }
  const std::string name = device.substr(0, device.find(','));
  std::uint16_t number = 0;
  if (rte_eth_dev_get_port_by_name(name.c_str(), &number) == 0) return number;
  const QuietStart quiet;
  const int status = rte_dev_probe(device.c_str());
  if (status != 0) return fault(explain("port " + port.name + " (" + device + ") does not start", status));
  if (rte_eth_dev_get_port_by_name(name.c_str(), &number) == 0) return number;
  return fault("port " + port.name + " (" + device +
               ") was not found by any driver: check the device string");
}

Result<void, Fault> Eal::run_on_data_core(std::size_t index, std::string name, std::function<void()> body) {
  if (index >= bodies_.size()) return fault("the board has no data core number " + std::to_string(index));
  auto& slot = *bodies_[index];
  if (slot.running.exchange(true)) return fault("data core " + std::to_string(index) + " is busy already");
  slot.name = std::move(name);
  slot.run = std::move(body);
  wait(index);
  const int status = rte_eal_remote_launch(&Body::enter, &slot, lcore_of(index));
  if (status == 0) return {};
  slot.running.store(false);
  return fault(explain("data core " + std::to_string(index) + " does not take work", status));
}

bool Eal::is_running(std::size_t index) const {
  return bodies_[index]->running.load(std::memory_order_acquire);
}

void Eal::wait(std::size_t index) {
  rte_eal_wait_lcore(lcore_of(index));
}

Result<void, Fault> pin_this_thread(std::uint16_t core, const std::string& name) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  const int status = ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
  if (status != 0) {
    return fault("thread " + name + " cannot run on core " + std::to_string(core) + ": " +
                 std::strerror(status));
  }
  name_this_thread(name);
  return {};
}

}  // namespace postern::eal
