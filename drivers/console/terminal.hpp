// A terminal: a serial line, the screen of a virtual machine, or whatever a program was started from. Bytes
// out and in, nothing else: what they mean is the console's business.
//
// Nothing here waits. A read or write that would have to gives zero bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::terminal {

struct Size {
  std::size_t columns = 0;  // 0: the line does not know, and the terminal has to be asked
  std::size_t rows = 0;
};

struct Received {
  std::size_t bytes = 0;
  bool broke = false;   // a break came: the other end asks for another speed
  bool closed = false;  // nobody will send any more
};

class Terminal {
 public:
  virtual ~Terminal() = default;

  virtual Received receive(std::span<char> into) = 0;
  // How many bytes were taken.
  virtual std::size_t send(std::string_view bytes) = 0;
  // Bytes that were taken and have not left yet.
  virtual std::size_t waiting() = 0;
  virtual Size size() = 0;
  virtual Result<void, Fault> set_speed(unsigned baud) = 0;
  // To be polled for reading; -1: none.
  virtual int descriptor() const = 0;
};

}  // namespace postern::terminal
