// A tap device of the kernel (Documentation/networking/tuntap), and the rings on both sides of it.
#include "drivers/nic/exception_tap.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace postern::nic {
namespace {

constexpr std::size_t kLinkHeader = 18;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

tl::unexpected<Fault> failed(const ExceptionTapSettings& settings, const char* what, const char* advice) {
  return fault("exception tap " + settings.interface + ": " + what + ": " + std::strerror(errno) + ": " +
               advice);
}

ifreq request_for(const std::string& interface) {
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  return request;
}

// Address, MTU and state of the new interface. False with errno set.
bool set_up(const ExceptionTapSettings& settings) {
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = request_for(settings.interface);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, settings.mac.data(), settings.mac.size());
  if (::ioctl(socket.get(), SIOCSIFHWADDR, &request) != 0) return false;
  request = request_for(settings.interface);
  request.ifr_mtu = settings.mtu;
  if (::ioctl(socket.get(), SIOCSIFMTU, &request) != 0) return false;
  request = request_for(settings.interface);
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

}  // namespace

Result<std::unique_ptr<ExceptionTap>, Fault> ExceptionTap::start(const ExceptionTapSettings& settings) {
  Descriptor tap(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (tap.get() < 0)
    return failed(settings, "cannot open /dev/net/tun", "load the kernel module tun, start as root");
  auto request = request_for(settings.interface);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (::ioctl(tap.get(), TUNSETIFF, &request) != 0) {
    return failed(settings, "cannot make the interface", "start as root, choose a name that is free");
  }
  if (!set_up(settings)) return failed(settings, "cannot set address and MTU", "start as root");
  return std::unique_ptr<ExceptionTap>(new ExceptionTap(settings, tap.release()));
}

ExceptionTap::ExceptionTap(const ExceptionTapSettings& settings, int descriptor)
    : descriptor_(descriptor),
      from_kernel_(settings.slots, settings.mtu + kLinkHeader),
      buffer_(settings.mtu + kLinkHeader) {
  for (std::size_t i = 0; i < settings.cores; ++i) {
    to_kernel_.push_back(std::make_unique<FrameRing>(settings.slots, settings.mtu + kLinkHeader));
  }
}

ExceptionTap::~ExceptionTap() {
  ::close(descriptor_);
}

bool ExceptionTap::poll() {
  bool moved = read_frames();
  for (auto& ring : to_kernel_) moved |= write_frames(*ring);
  return moved;
}

bool ExceptionTap::write_frames(FrameRing& ring) {
  std::size_t count = 0;
  for (; count < kMostPerPoll; ++count) {
    const auto frame = ring.front();
    if (frame.empty()) break;
    const auto written = ::write(descriptor_, frame.data(), frame.size());
    ++(written == static_cast<ssize_t>(frame.size()) ? counters_.to_kernel : counters_.kernel_refused);
    ring.drop_front();
  }
  return count > 0;
}

bool ExceptionTap::read_frames() {
  std::size_t count = 0;
  for (; count < kMostPerPoll; ++count) {
    const auto length = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (length <= 0) break;
    const bool taken = from_kernel_.push({buffer_.data(), static_cast<std::size_t>(length)});
    ++(taken ? counters_.from_kernel : counters_.from_kernel_dropped);
  }
  return count > 0;
}

}  // namespace postern::nic
