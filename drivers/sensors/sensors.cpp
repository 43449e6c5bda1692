// What a box measures of itself: see the header.
#include "drivers/sensors/sensors.hpp"

#include <filesystem>
#include <fstream>

namespace postern::sensors {
namespace {

Verdict judge(const board::Sensor& sensor, std::int64_t value) {
  if (sensor.critical != 0 && value >= sensor.critical) return Verdict::critical;
  if (sensor.high != 0 && value >= sensor.high) return Verdict::high;
  if (sensor.low != 0 && value < sensor.low) return Verdict::low;
  return Verdict::fine;
}

std::string unit_of(const std::string& input) {
  return input.starts_with("temp") ? "C" : input.starts_with("fan") ? "rpm" : "mV";
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

std::vector<Reading> read_all(const std::vector<board::Sensor>& sensors, Source& source) {
  std::vector<Reading> readings;
  for (const auto& sensor : sensors) {
    const auto value = source.read(sensor.chip, sensor.input);
    readings.push_back({.name = sensor.name,
                        .unit = unit_of(sensor.input),
                        .value = value.value_or(0),
                        .verdict = value ? judge(sensor, *value) : Verdict::missing});
  }
  return readings;
}

std::string_view text(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine:
      return "fine";
    case Verdict::high:
      return "high";
    case Verdict::low:
      return "low";
    case Verdict::critical:
      return "critical";
    case Verdict::missing:
      break;
  }
  return "missing";
}

std::optional<std::int64_t> Hwmon::read(const std::string& chip, const std::string& input) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    if (first_line(entry.path() / "name") != chip) continue;
    std::ifstream file(entry.path() / (input + "_input"));
    std::int64_t value = 0;
    // Two chips of one name (two processors) are told apart by who has the input.
    if (!(file >> value)) continue;
    return input.starts_with("temp") ? value / 1000 : value;  // hwmon counts thousandths of a degree
  }
  return {};
}

}  // namespace postern::sensors
