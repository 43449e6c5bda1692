// An HD44780 display behind a serial line: bytes are characters, 0xFE announces a command of the controller
// (clear, entry mode, display on, cursor to an address). Only rows that changed are sent, because the line is
// slow.
#pragma once

#include <memory>

#include "drivers/panel/display.hpp"
#include "platform/base/bytes.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::panel {

struct Geometry {
  std::uint32_t columns = 16;
  std::uint32_t rows = 2;
};

// Pure: what has to be sent so that the display shows `rows`.
class Hd44780Screen {
 public:
  explicit Hd44780Screen(Geometry geometry) : geometry_(geometry) {}
  std::string start();  // clears; what was shown is forgotten
  std::string show(const std::vector<std::string>& rows);

 private:
  Geometry geometry_;
  std::vector<std::string> shown_;
};

class Hd44780 : public Display {
 public:
  // A terminal line is set to `baud`; any other character device is taken as it is.
  static Result<std::unique_ptr<Hd44780>, Fault> open(const std::string& device, std::uint32_t baud,
                                                      Geometry geometry);
  Result<void, Fault> show(const std::vector<std::string>& rows) override;

 private:
  Hd44780(process::Descriptor device, std::string path, Geometry geometry)
      : device_(std::move(device)), path_(std::move(path)), screen_(geometry) {}
  Result<void, Fault> send(const std::string& bytes);

  process::Descriptor device_;
  std::string path_;
  Hd44780Screen screen_;
  bool started_ = false;
};

// The twin: the controller itself, which shows what the bytes on the line say.
class Hd44780Twin {
 public:
  explicit Hd44780Twin(Geometry geometry);
  void receive(std::string_view bytes);
  std::string row(std::uint32_t index) const;
  std::size_t received() const { return received_; }

 private:
  void command(std::uint8_t byte);
  Geometry geometry_;
  std::string memory_;  // 128 addresses
  std::uint8_t address_ = 0;
  bool on_ = false;
  bool command_follows_ = false;
  std::size_t received_ = 0;
};

}  // namespace postern::panel
