// Makes a started kernel fit to run Postern: file systems, modules, limits, the loopback and the management
// port.
#pragma once

#include <string>

#include "platform/base/result.hpp"
#include "platform/board/board.hpp"

namespace postern::init {

// What the machine is: the image's board against what the machine says of itself.
struct Machine {
  board::Board board;
  std::string notice;  // told loudly; empty: all is as it should be
};

Result<void, Fault> mount_rest();
void set_limits();
void limit_messages(int level);
Result<Machine, Fault> choose_board(const std::string& command_line);

// Huge pages that the command line did not give are asked for now; what is missing is told.
void ask_huge_pages(const board::Board& board);

// "memory: 612 MB of 1463 in use, 512 of these for the packet path".
std::string memory_line();

// Loopback up; the management port named `mgmt` and up, with the address that was configured. True where it is up
// and has none: then DHCP has to find one.
bool start_network(const board::Board& board, const std::string& address);

// Numbers, most significant byte first; router 0: none. An address of 0 takes the one there is away.
bool set_address(const std::string& interface, std::uint32_t own, std::uint32_t mask, std::uint32_t router);

}  // namespace postern::init
