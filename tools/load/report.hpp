// What a run of the load generator counted, and how it is told.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tools/load/options.hpp"

namespace postern::load {

using Clock = std::chrono::steady_clock;

struct Report {
  std::uint64_t opened = 0;      // TCP connections established
  std::uint64_t handshakes = 0;  // TLS handshakes completed
  std::uint64_t resumed = 0;     // of these by ticket
  std::uint64_t accepted = 0;    // messages that heard 250
  std::uint64_t refused = 0;     // messages that heard anything else
  std::uint64_t uncertain = 0;   // body sent, connection gone before the reply
  std::uint64_t idle_open = 0;   // --mode idle: connections still open at the end
  std::map<std::string, std::uint64_t> errors;
  std::vector<float> latencies;  // ms from MAIL to 250
  std::string tls;               // version and cipher of the last handshake
  Clock::time_point began = Clock::now();
  Clock::time_point ended{};
  std::ofstream record;

  void accept(const std::string& id, Clock::time_point asked);
  void print(const Options& options);
};

}  // namespace postern::load
