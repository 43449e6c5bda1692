// A watchdog that the kernel drives: see the header.
#include "drivers/watchdog/kernel_watchdog.hpp"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/process/descriptor.hpp"

namespace postern::watchdog {
namespace {

class KernelWatchdog : public Watchdog {
 public:
  KernelWatchdog(process::Descriptor device, std::string path, const KernelCalls& calls)
      : device_(std::move(device)), path_(std::move(path)), calls_(calls) {}

  Result<std::chrono::seconds, Fault> arm(std::chrono::seconds time) override {
    int seconds = static_cast<int>(time.count());
    int flags = WDIOS_ENABLECARD;
    // Some devices run from their opening on and know no such option.
    static_cast<void>(calls_.control(device_.get(), WDIOC_SETOPTIONS, &flags));
    if (calls_.control(device_.get(), WDIOC_SETTIMEOUT, &seconds) != 0 &&
        calls_.control(device_.get(), WDIOC_GETTIMEOUT, &seconds) != 0)
      return failed("set the time of");
    if (auto fed = feed(); !fed) return tl::unexpected(fed.error());
    return std::chrono::seconds(seconds);
  }

  Result<void, Fault> feed() override {
    if (calls_.control(device_.get(), WDIOC_KEEPALIVE, nullptr) != 0) return failed("feed");
    return {};
  }

  Result<void, Fault> disarm() override {
    int flags = WDIOS_DISABLECARD;
    const bool stopped = calls_.control(device_.get(), WDIOC_SETOPTIONS, &flags) == 0;
    // The letter that lets a device stop when it is closed.
    const bool released = calls_.write(device_.get(), "V", 1) == 1;
    if (!stopped && !released) return failed("stop");
    return {};
  }

  std::string identity() const override {
    watchdog_info info{};
    if (calls_.control(device_.get(), WDIOC_GETSUPPORT, &info) != 0) return path_;
    const auto* text = reinterpret_cast<const char*>(info.identity);
    return {text, ::strnlen(text, sizeof info.identity)};
  }

  bool fired() const override {
    int flags = 0;
    return calls_.control(device_.get(), WDIOC_GETBOOTSTATUS, &flags) == 0 && (flags & WDIOF_CARDRESET) != 0;
  }

 private:
  tl::unexpected<Fault> failed(const char* what) const {
    return fault(std::string("cannot ") + what + " " + path_ + ": " + std::strerror(errno));
  }

  process::Descriptor device_;
  std::string path_;
  const KernelCalls& calls_;
};

}  // namespace

const KernelCalls& kernel_calls() {
  static const KernelCalls kCalls{
      .open = [](const char* path) { return ::open(path, O_WRONLY | O_CLOEXEC); },
      .control = [](int fd, unsigned long request, void* argument) { return ::ioctl(fd, request, argument); },
      .write = [](int fd, const void* bytes, unsigned long size) -> long {
        return ::write(fd, bytes, size);
      }};
  return kCalls;
}

Result<std::unique_ptr<Watchdog>, Fault> open_watchdog(const std::string& path, const KernelCalls& calls) {
  process::Descriptor device(calls.open(path.c_str()));
  if (!device) return fault("cannot open " + path + ": " + std::strerror(errno));
  return std::make_unique<KernelWatchdog>(std::move(device), path, calls);
}

std::unique_ptr<Watchdog> adopt_watchdog(int descriptor, const KernelCalls& calls) {
  return std::make_unique<KernelWatchdog>(process::Descriptor(descriptor), "the watchdog", calls);
}

}  // namespace postern::watchdog
