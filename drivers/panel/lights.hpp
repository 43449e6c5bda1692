// The lights of a box, by the names its board gives them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"
#include "platform/board/board.hpp"

namespace postern::panel {

enum class Light : std::uint8_t { off, on, slow, fast };  // slow and fast blink

class Lights {
 public:
  virtual ~Lights() = default;
  // A name that the board does not have is passed over: not every box has every light.
  virtual Result<void, Fault> set(std::string_view name, Light light) = 0;
};

// In memory.
class MemoryLights : public Lights {
 public:
  Result<void, Fault> set(std::string_view name, Light light) override {
    shown[std::string(name)] = light;
    return {};
  }
  std::map<std::string, Light> shown;
};

// Of the kernel: <directory>/<device>/{trigger,brightness,delay_on,delay_off}. The kernel blinks by itself,
// so a light goes on blinking while everything else hangs.
class SysLights : public Lights {
 public:
  explicit SysLights(std::vector<board::Led> leds, std::string directory = "/sys/class/leds")
      : leds_(std::move(leds)), directory_(std::move(directory)) {}
  Result<void, Fault> set(std::string_view name, Light light) override;

 private:
  std::vector<board::Led> leds_;
  std::string directory_;
  std::map<std::string, Light, std::less<>> shown_;  // written only when it changes
};

}  // namespace postern::panel
