// What the kernel has to be told at start: see the header.
#include "platform/board/kernel_line.hpp"

namespace postern::board {

std::uint32_t huge_pages(const Board& board) {
  return board.memory.hugepages ? (board.memory.megabytes + 1) / 2 : 0;
}

std::string kernel_line(const Board& board) {
  // The last console is the one that /dev/console is.
  std::string line =
      "console=tty0 console=" + board.console.uart + "," + std::to_string(board.console.baud) + "n8";
  if (const auto pages = huge_pages(board); pages != 0)
    line += " default_hugepagesz=2M hugepagesz=2M hugepages=" + std::to_string(pages);
  std::string cores;
  for (const auto core : board.cores.data) {
    // Core 0 cannot be isolated: the kernel starts on it and keeps its own work there.
    if (core != 0) cores += (cores.empty() ? "" : ",") + std::to_string(core);
  }
  if (!cores.empty()) {
    line += " isolcpus=managed_irq,domain," + cores + " nohz_full=" + cores + " rcu_nocbs=" + cores +
            " irqaffinity=" + std::to_string(board.cores.housekeeping);
  }
  if (board.boot.iommu == "intel") line += " intel_iommu=on iommu=pt";
  if (board.boot.iommu == "amd") line += " amd_iommu=on iommu=pt";
  // A kernel that is lost must come back by itself: nobody stands beside the box.
  line += " panic=10 oops=panic";
  for (const auto& word : board.boot.kernel) line += " " + word;
  return line;
}

}  // namespace postern::board
