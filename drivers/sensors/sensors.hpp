// What a box measures of itself: temperatures, fans, voltages. What a board says of their limits judges them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/board/board.hpp"

namespace postern::sensors {

enum class Verdict : std::uint8_t { fine, high, low, critical, missing };

struct Reading {
  std::string name;  // the board's
  std::string unit;  // "C", "rpm", "mV"
  std::int64_t value = 0;
  Verdict verdict = Verdict::fine;
};

// The raw source of values, in degrees, turns per minute and millivolts.
class Source {
 public:
  virtual ~Source() = default;
  // Nothing where there is no such input, or it gives no value now.
  virtual std::optional<std::int64_t> read(const std::string& chip, const std::string& input) = 0;
};

// One reading for each sensor of the board, in its order.
std::vector<Reading> read_all(const std::vector<board::Sensor>& sensors, Source& source);

std::string_view text(Verdict verdict);

// The kernel's (hwmon): <directory>/hwmonN/{name,<input>_input}. Numbers of chips change from start to start,
// so a chip goes by its name.
class Hwmon : public Source {
 public:
  explicit Hwmon(std::string directory = "/sys/class/hwmon") : directory_(std::move(directory)) {}
  std::optional<std::int64_t> read(const std::string& chip, const std::string& input) override;

 private:
  std::string directory_;
};

}  // namespace postern::sensors
