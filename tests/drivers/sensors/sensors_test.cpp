// Sensors: the judgement against the twin, the kernel's chips in a tree like /sys.
#include "drivers/sensors/memory_sensors.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::sensors;

namespace {

const std::vector<board::Sensor> kSensors{
    {.name = "cpu", .chip = "coretemp", .input = "temp1", .low = 0, .high = 80, .critical = 95},
    {.name = "fan", .chip = "nct", .input = "fan1", .low = 500, .high = 0, .critical = 0},
};

std::string verdicts(Source& source) {
  std::string all;
  for (const auto& reading : read_all(kSensors, source))
    all += reading.name + " " + std::to_string(reading.value) + reading.unit + " " +
           std::string(text(reading.verdict)) + "; ";
  return all;
}

}  // namespace

TEST_GROUP(Sensors){};

TEST(Sensors, values_are_judged_by_the_boards_limits) {
  MemorySensors twin;
  twin.values = {{{"coretemp", "temp1"}, 79}, {{"nct", "fan1"}, 500}};
  STRCMP_EQUAL("cpu 79C fine; fan 500rpm fine; ", verdicts(twin).c_str());
  twin.values = {{{"coretemp", "temp1"}, 80}, {{"nct", "fan1"}, 499}};
  STRCMP_EQUAL("cpu 80C high; fan 499rpm low; ", verdicts(twin).c_str());
  twin.values = {{{"coretemp", "temp1"}, 95}};
  STRCMP_EQUAL("cpu 95C critical; fan 0rpm missing; ", verdicts(twin).c_str());
}

TEST(Sensors, the_kernels_chips_go_by_name_and_count_in_thousandths) {
  std::string name = (std::filesystem::temp_directory_path() / "sensors-test-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const auto write = [&folder](const std::string& file, const std::string& text) {
    std::filesystem::create_directories((folder / file).parent_path());
    std::ofstream(folder / file) << text << "\n";
  };
  write("hwmon0/name", "acpitz");
  write("hwmon0/temp1_input", "20000");
  write("hwmon1/name", "coretemp");  // one without the input
  write("hwmon2/name", "coretemp");
  write("hwmon2/temp1_input", "81500");
  write("hwmon3/name", "nct");
  write("hwmon3/fan1_input", "nonsense");
  Hwmon hwmon(folder);
  STRCMP_EQUAL("cpu 81C high; fan 0rpm missing; ", verdicts(hwmon).c_str());
  std::filesystem::remove_all(folder);
  STRCMP_EQUAL("cpu 0C missing; fan 0rpm missing; ", verdicts(hwmon).c_str());
}
