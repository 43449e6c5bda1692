// A port that keeps a capture of both directions: classic pcap with nanoseconds, as tcpdump and Wireshark
// read it.
//
// For a desk, not for a busy box: it writes through stdio on the packet core. A stream that fails ends the
// capture and nothing else. Frames whose checksum the device completes are kept as they were handed to it.
#pragma once

#include <cstdio>

#include "drivers/nic/wrapped_port.hpp"

namespace postern::nic {

class PcapPort final : public WrappedPort {
 public:
  // `wall_minus_instant` turns instants into dates. The stream stays the caller's, who closes it.
  PcapPort(Port& inner, std::FILE* stream, Duration wall_minus_instant = Duration::zero());

  bool failed() const { return failed_; }

 private:
  void see(const Frame& frame, Direction direction, Instant now) override;
  void write(const void* bytes, std::size_t size);

  std::FILE* stream_;
  Duration wall_minus_instant_;
  bool failed_ = false;
};

}  // namespace postern::nic
