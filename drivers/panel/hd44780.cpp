// An HD44780 display behind a serial line: see the header.
#include "drivers/panel/hd44780.hpp"

#include <fcntl.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace postern::panel {
namespace {

constexpr char kCommand = static_cast<char>(0xFE);
constexpr char kClear = 0x01;
constexpr char kLeftToRight = 0x06;
constexpr char kOnWithoutCursor = 0x0C;
constexpr std::uint8_t kSetAddress = 0x80;

// Where rows begin in the controller's memory: rows three and four follow one and two.
std::uint8_t address_of(std::uint32_t row, const Geometry& geometry) {
  const auto half = static_cast<std::uint8_t>((row & 1) != 0 ? 0x40 : 0x00);
  return static_cast<std::uint8_t>(half + (row >= 2 ? geometry.columns : 0));
}

std::string fitted(const std::string& text, std::uint32_t columns) {
  std::string row;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // the rest of a character that is one '?' already
    row += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  row.resize(columns, ' ');
  return row;
}

speed_t speed_of(std::uint32_t baud) {
  struct Speed {
    std::uint32_t baud;
    speed_t speed;
  };
  constexpr auto kSpeeds = std::to_array<Speed>({{1200, B1200},
                                                 {2400, B2400},
                                                 {4800, B4800},
                                                 {9600, B9600},
                                                 {19200, B19200},
                                                 {38400, B38400},
                                                 {57600, B57600},
                                                 {115200, B115200}});
  for (const auto& one : kSpeeds) {
    if (one.baud == baud) return one.speed;
  }
  return B0;
}

}  // namespace

std::string Hd44780Screen::start() {
  shown_.assign(geometry_.rows, std::string(geometry_.columns, ' '));
  return {kCommand, kClear, kCommand, kLeftToRight, kCommand, kOnWithoutCursor};
}

std::string Hd44780Screen::show(const std::vector<std::string>& rows) {
  std::string bytes;
  for (std::uint32_t i = 0; i < geometry_.rows; ++i) {
    auto row = fitted(i < rows.size() ? rows[i] : "", geometry_.columns);
    if (row == shown_[i]) continue;
    bytes += kCommand;
    bytes += static_cast<char>(kSetAddress | address_of(i, geometry_));
    bytes += row;
    shown_[i] = std::move(row);
  }
  return bytes;
}

Result<std::unique_ptr<Hd44780>, Fault> Hd44780::open(const std::string& path, std::uint32_t baud,
                                                      Geometry geometry) {
  process::Descriptor device(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!device) return fault("cannot open the panel " + path + ": " + std::strerror(errno));
  termios line{};
  if (::tcgetattr(device.get(), &line) == 0) {
    const auto speed = speed_of(baud);
    if (speed == B0) return fault("the panel's line knows no " + std::to_string(baud) + " baud");
    ::cfmakeraw(&line);
    ::cfsetspeed(&line, speed);
    if (::tcsetattr(device.get(), TCSANOW, &line) != 0)
      return fault("cannot set the speed of " + path + ": " + std::strerror(errno));
  }
  return std::unique_ptr<Hd44780>(new Hd44780(std::move(device), path, geometry));
}

Result<void, Fault> Hd44780::show(const std::vector<std::string>& rows) {
  if (!started_) {
    if (auto sent = send(screen_.start()); !sent) return sent;
    started_ = true;
  }
  auto sent = send(screen_.show(rows));
  if (!sent) started_ = false;  // half a command may have gone: begin again next time
  return sent;
}

// Never waits: a panel that takes nothing must not hold anybody up.
Result<void, Fault> Hd44780::send(const std::string& bytes) {
  if (bytes.empty()) return {};
  const auto sent = ::write(device_.get(), bytes.data(), bytes.size());
  if (sent == static_cast<ssize_t>(bytes.size())) return {};
  return fault("the panel " + path_ + " does not take what is sent" +
               (sent < 0 ? std::string(": ") + std::strerror(errno) : ""));
}

Hd44780Twin::Hd44780Twin(Geometry geometry) : geometry_(geometry), memory_(128, '#') {}

void Hd44780Twin::receive(std::string_view bytes) {
  received_ += bytes.size();
  for (const char c : bytes) {
    if (std::exchange(command_follows_, false)) {
      command(static_cast<std::uint8_t>(c));
    } else if (c == kCommand) {
      command_follows_ = true;
    } else {
      memory_[address_ & 0x7F] = c;
      ++address_;
    }
  }
}

void Hd44780Twin::command(std::uint8_t byte) {
  if ((byte & kSetAddress) != 0) {
    address_ = byte & 0x7F;
  } else if (byte == static_cast<std::uint8_t>(kClear)) {
    memory_.assign(128, ' ');
    address_ = 0;
  } else if ((byte & 0xF8) == 0x08) {
    on_ = (byte & 0x04) != 0;
  }
}

std::string Hd44780Twin::row(std::uint32_t index) const {
  return on_ ? memory_.substr(address_of(index, geometry_), geometry_.columns) : std::string();
}

}  // namespace postern::panel
