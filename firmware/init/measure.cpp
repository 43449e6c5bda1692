#include "firmware/init/measure.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "firmware/init/system.hpp"

namespace postern::init {

namespace {

constexpr std::chrono::seconds kEvery{10};

// One line of all that is too high or too low; a sensor that is missing is no alarm.
std::string alarms(const std::vector<sensors::Reading>& readings) {
  std::string all;
  for (const auto& one : readings) {
    if (one.verdict == sensors::Verdict::fine || one.verdict == sensors::Verdict::missing) continue;
    all += (all.empty() ? "" : ", ") + one.name + " is " + std::string(sensors::text(one.verdict));
  }
  return all;
}

}  // namespace

std::string readings_text(const std::vector<sensors::Reading>& readings) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& one : readings)
    list.push_back({{"name", one.name}, {"value", one.value}, {"unit", one.unit}, {"verdict", std::string(sensors::text(one.verdict))}});
  return list.dump() + "\n";
}

void Measure::turn(Clock::time_point now) {
  if (sensors_.empty() || now < due_) return;
  due_ = now + kEvery;
  const auto readings = sensors::read_all(sensors_, source_);
  const auto fresh = file_ + ".new";
  if (write_file(fresh, readings_text(readings))) std::rename(fresh.c_str(), file_.c_str());
  const auto trouble = alarms(readings);
  if (trouble != trouble_) trouble.empty() ? say("the sensors are fine again") : cry("SENSORS: " + trouble);
  trouble_ = trouble;
}

}  // namespace postern::init
