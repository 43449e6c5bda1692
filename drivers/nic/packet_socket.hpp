// Finds the sockets that DPDK's af_packet and af_xdp drivers receive from.
//
// The drivers keep their sockets to themselves, but an idle core can sleep on them: poll(2) on such a socket
// returns when the kernel has put a frame into its ring.
#pragma once

#include <string>
#include <vector>

namespace postern::nic {

// Descriptors of this process's packet sockets bound to `interface`, ascending; none for an empty name.
std::vector<int> packet_sockets(const std::string& interface);

// Descriptors of this process's AF_XDP sockets, ascending. Their interface cannot be asked for: compare the
// lists before and after a device is opened.
std::vector<int> xdp_sockets();

}  // namespace postern::nic
