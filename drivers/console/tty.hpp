// A terminal that the kernel knows: a UART (/dev/ttyS0) or the one a program was started from. termios(3).
//
// It is raw while this object lives: every byte as it comes, no echo, no signals. Afterwards it is as before.
#pragma once

#include <termios.h>

#include <memory>
#include <string>

#include "drivers/console/terminal.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::terminal {

// Takes the marks out of what a line with PARMRK gives: 0xff 0x00 0x00 is a break, 0xff 0x00 x is a byte with
// a parity fault (dropped), 0xff 0xff is 0xff. Marks may be cut between two reads.
class MarkReader {
 public:
  // Works in place; gives how many bytes are left.
  std::size_t strip(std::span<char> bytes, bool& broke);

 private:
  unsigned marks_ = 0;  // bytes of a mark so far
};

class Tty : public Terminal {
 public:
  // Opens the device. `baud` 0: as it is.
  static Result<std::unique_ptr<Tty>, Fault> open(const std::string& path, unsigned baud);
  // The terminal behind two descriptors that are open already; they stay open afterwards.
  static Result<std::unique_ptr<Tty>, Fault> adopt(int in, int out);
  ~Tty() override;

  Received receive(std::span<char> into) override;
  std::size_t send(std::string_view bytes) override;
  std::size_t waiting() override;
  Size size() override;
  Result<void, Fault> set_speed(unsigned baud) override;
  int descriptor() const override { return in_; }

 private:
  Tty(process::Descriptor owned, int in, int out, bool serial)
      : owned_(std::move(owned)), in_(in), out_(out), serial_(serial) {}
  Result<void, Fault> make_raw(unsigned baud);

  process::Descriptor owned_;
  int in_;
  int out_;
  bool serial_;
  termios before_{};
  bool changed_ = false;
  MarkReader marks_;
};

// The speeds that are gone through when a break comes, and what a line may be set to.
std::span<const unsigned> speeds();

}  // namespace postern::terminal
