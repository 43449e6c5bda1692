// Terminals of the kernel: see the header.
#include "drivers/console/tty.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace postern::terminal {

namespace {

struct Speed {
  unsigned baud;
  speed_t code;
};

constexpr auto kSpeeds = std::to_array<Speed>(
    {{115200, B115200}, {57600, B57600}, {38400, B38400}, {19200, B19200}, {9600, B9600}});
constexpr auto kBauds = std::to_array<unsigned>({115200, 57600, 38400, 19200, 9600});

std::optional<speed_t> code_of(unsigned baud) {
  for (const auto& speed : kSpeeds) {
    if (speed.baud == baud) return speed.code;
  }
  return std::nullopt;
}

Fault why(const std::string& what) {
  return Fault{what + ": " + std::strerror(errno)};
}

}  // namespace

std::span<const unsigned> speeds() {
  return kBauds;
}

std::size_t MarkReader::strip(std::span<char> bytes, bool& broke) {
  std::size_t kept = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (marks_ == 2) {
      broke = broke || byte == 0;
      marks_ = 0;
    } else if (marks_ == 1) {
      marks_ = byte == 0 ? 2 : 0;
      if (byte != 0) bytes[kept++] = c;
    } else if (byte == 0xff) {
      marks_ = 1;
    } else {
      bytes[kept++] = c;
    }
  }
  return kept;
}

Result<std::unique_ptr<Tty>, Fault> Tty::open(const std::string& path, unsigned baud) {
  process::Descriptor line(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!line) return tl::unexpected(why("cannot open " + path));
  if (::isatty(line.get()) == 0) return fault(path + " is no terminal");
  const int fd = line.get();
  std::unique_ptr<Tty> tty(new Tty(std::move(line), fd, fd, true));
  if (const auto raw = tty->make_raw(baud); !raw) return tl::unexpected(raw.error());
  return tty;
}

Result<std::unique_ptr<Tty>, Fault> Tty::adopt(int in, int out) {
  if (::isatty(in) == 0 || ::isatty(out) == 0) return fault("this is no terminal");
  std::unique_ptr<Tty> tty(new Tty({}, in, out, false));
  if (const auto raw = tty->make_raw(0); !raw) return tl::unexpected(raw.error());
  return tty;
}

Result<void, Fault> Tty::make_raw(unsigned baud) {
  if (::tcgetattr(in_, &before_) != 0) return tl::unexpected(why("cannot read the state of the terminal"));
  termios raw = before_;
  ::cfmakeraw(&raw);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  if (serial_) {
    raw.c_cflag |= CLOCAL | CREAD;  // three wires are enough: nobody waits for a modem
    raw.c_iflag |= PARMRK;          // a break comes as a mark, not as a zero
    raw.c_iflag &= ~static_cast<tcflag_t>(IGNBRK | BRKINT | INPCK);
  }
  if (const auto code = code_of(baud); baud != 0 && code) {
    ::cfsetspeed(&raw, *code);
  } else if (baud != 0) {
    return fault(std::to_string(baud) + " is no speed for a serial line: 9600 to 115200");
  }
  if (::tcsetattr(in_, TCSANOW, &raw) != 0) return tl::unexpected(why("cannot set the terminal"));
  changed_ = true;
  return {};
}

Tty::~Tty() {
  if (changed_) ::tcsetattr(in_, TCSANOW, &before_);
}

Received Tty::receive(std::span<char> into) {
  pollfd ready{in_, POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) return {};
  const auto got = ::read(in_, into.data(), into.size());
  // A UART gives nothing and goes on; a pseudo terminal whose other end is gone never comes back.
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (got < 0) return {0, false, true};
  if (got == 0) return {0, false, (ready.revents & POLLHUP) != 0};
  Received received{static_cast<std::size_t>(got), false, false};
  if (serial_) received.bytes = marks_.strip(into.first(received.bytes), received.broke);
  return received;
}

// Whatever the descriptor's mode, a write must not wait: only as much as the line says it has room for.
std::size_t Tty::send(std::string_view bytes) {
  pollfd ready{out_, POLLOUT, 0};
  if (::poll(&ready, 1, 0) <= 0 || (ready.revents & POLLOUT) == 0) return 0;
  const auto sent = ::write(out_, bytes.data(), std::min<std::size_t>(bytes.size(), serial_ ? 4096 : 512));
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::size_t Tty::waiting() {
  int bytes = 0;
  return ::ioctl(out_, TIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

Size Tty::size() {
  winsize told{};
  if (::ioctl(out_, TIOCGWINSZ, &told) != 0) return {};
  return {told.ws_col, told.ws_row};
}

Result<void, Fault> Tty::set_speed(unsigned baud) {
  const auto code = code_of(baud);
  if (!code) return fault(std::to_string(baud) + " is no speed for a serial line: 9600 to 115200");
  termios now{};
  if (::tcgetattr(in_, &now) != 0) return tl::unexpected(why("cannot read the state of the terminal"));
  ::cfsetspeed(&now, *code);
  if (::tcsetattr(in_, TCSANOW, &now) != 0) return tl::unexpected(why("cannot set the speed"));
  return {};
}

}  // namespace postern::terminal
