// What the box measures of itself, written down for control and its people every few seconds.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "drivers/sensors/sensors.hpp"

namespace postern::init {

// [{"name":"cpu","value":47,"unit":"C","verdict":"fine"}, ...]
std::string readings_text(const std::vector<sensors::Reading>& readings);

class Measure {
 public:
  using Clock = std::chrono::steady_clock;

  // Does nothing where the board has no sensors.
  Measure(std::vector<board::Sensor> sensors, std::string file) : sensors_(std::move(sensors)), file_(std::move(file)) {}
  void turn(Clock::time_point now);
  // Some reading is beyond what the board allows.
  bool trouble() const { return !trouble_.empty(); }

 private:
  std::vector<board::Sensor> sensors_;
  std::string file_, trouble_;
  sensors::Hwmon source_;
  Clock::time_point due_{};
};

}  // namespace postern::init
