// Packets of a simulated run as a file that packet viewers read: libpcap's format, raw IPv4.
#pragma once

#include <cstdio>
#include <string>

#include "firmware/tcp/engine.hpp"

namespace postern::tcp::testing {

class Capture {
 public:
  explicit Capture(const std::string& path);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void add(Instant now, const OutgoingSegment& out, Bytes segment);

 private:
  std::FILE* file_;
};

}  // namespace postern::tcp::testing
