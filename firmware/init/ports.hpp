// Gives the packet path its ports: by vfio-pci behind an IOMMU, else by uio_pci_generic, else through the
// kernel's own driver and af_xdp.
//
// What always holds: a port that cannot be had the best way is told in capital letters; none is ever left out
// silently.
#pragma once

#include <string>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/board/board.hpp"

namespace postern::init {

enum class Binding : std::uint8_t { vfio, uio, kernel };

struct PortFacts {
  bool iommu = false;     // the device is in an IOMMU group
  bool lockdown = false;  // the kernel lets nobody write PCI configuration: UIO cannot work
};

// What is tried first; `wish` is the board's ("auto", "vfio-pci", "uio_pci_generic").
Binding choose_binding(const std::string& wish, const PortFacts& facts);

// Binds every port with a PCI address. Returns the board as a file's text for the data plane: `extends` the
// board, and where a port went to the kernel's driver its device is af_xdp on that interface.
std::string bind_ports(const board::Board& board);

}  // namespace postern::init
