// The lights that the kernel drives: see lights.hpp.
#include <cerrno>
#include <cstring>
#include <fstream>

#include "drivers/panel/lights.hpp"

namespace postern::panel {
namespace {

Result<void, Fault> write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << "\n";
  file.flush();
  if (!file) return fault("cannot write " + path + ": " + std::strerror(errno));
  return {};
}

Result<void, Fault> blink(const std::string& folder, const std::string& milliseconds) {
  if (auto done = write_text(folder + "/trigger", "timer"); !done) return done;
  if (auto done = write_text(folder + "/delay_on", milliseconds); !done) return done;
  return write_text(folder + "/delay_off", milliseconds);
}

}  // namespace

Result<void, Fault> SysLights::set(std::string_view name, Light light) {
  for (const auto& led : leds_) {
    if (led.name != name) continue;
    if (const auto before = shown_.find(name); before != shown_.end() && before->second == light) return {};
    const auto folder = directory_ + "/" + led.device;
    Result<void, Fault> done;
    if (light == Light::slow || light == Light::fast) {
      done = blink(folder, light == Light::slow ? "1000" : "125");
    } else {
      done = write_text(folder + "/trigger", "none");
      if (done) done = write_text(folder + "/brightness", light == Light::on ? "1" : "0");
    }
    if (done) shown_[std::string(name)] = light;
    return done;
  }
  return {};
}

}  // namespace postern::panel
