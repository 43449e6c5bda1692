// DPDK's environment, started from a board: memory, pinned packet cores, the log.
//
// Start order: check() says everything that this machine lacks, without touching DPDK; start() then starts
// DPDK once per process (DPDK cannot be started twice). Ports are attached afterwards, one by one
// (attach_port), so each has its own error. DPDK prints nothing itself: its lines go through platform/log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/board/board.hpp"

namespace postern::eal {

using board::Faults;

// What of the board this machine lacks: cores, memory, rights, devices. Empty: start() should succeed.
Faults check(const board::Board& board);
// The single parts of check().
void check_cores(const board::Board& board, Faults& faults);
void check_memory(const board::Board& board, Faults& faults);
void check_rights(const board::Board& board, Faults& faults);
void check_ports(const board::Board& board, Faults& faults);

// The argument list that start() gives to DPDK, for tests and for people who ask.
std::vector<std::string> arguments(const board::Board& board, const std::string& program);

// PCI network devices that a DPDK driver may take, in address order; what "auto" ports are taken from.
std::vector<std::string> pci_candidates();
// The DPDK device string of each port in the board's order: "auto" resolved to addresses (empty: none left).
std::vector<std::string> resolve_devices(const board::Board& board);

class Eal {
 public:
  // Calls check() and starts DPDK. The calling thread becomes the housekeeping thread, pinned to its core.
  static Result<std::unique_ptr<Eal>, Faults> start(const board::Board& board, const std::string& program);
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  // Gives the board's port to DPDK; returns DPDK's number of it.
  Result<std::uint16_t, Fault> attach_port(const board::Port& port);

  // Runs `body` on the index-th data core, on a thread of its own, pinned there and named `name`.
  Result<void, Fault> run_on_data_core(std::size_t index, std::string name, std::function<void()> body);
  // True while that body runs.
  bool is_running(std::size_t index) const;
  // Returns when the body has ended.
  void wait(std::size_t index);

  const board::Board& board() const { return board_; }

 private:
  explicit Eal(board::Board board);

  struct Body;
  board::Board board_;
  std::vector<std::string> devices_;  // of the ports, resolved
  std::vector<std::unique_ptr<Body>> bodies_;
};

// Pins the calling thread to one core and names it; for threads that are not packet cores (spool writer).
Result<void, Fault> pin_this_thread(std::uint16_t core, const std::string& name);

}  // namespace postern::eal
