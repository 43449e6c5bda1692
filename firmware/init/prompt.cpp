#include "firmware/init/prompt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace postern::init {

namespace {
constexpr std::size_t kLongest = 200;
constexpr int kQuarter = 250;
}  // namespace

Prompt::Prompt(const std::string& device)
    : fd_(::open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {}

Prompt::~Prompt() {
  if (fd_ >= 0) ::close(fd_);
}

void Prompt::show(std::string_view text) const {
  if (::write(fd_, text.data(), text.size()) < 0) return;
}

bool Prompt::take(std::string& line) {
  pollfd watched{fd_, POLLIN, 0};
  if (::poll(&watched, 1, kQuarter) <= 0) return false;
  char buffer[256];
  const auto got = ::read(fd_, buffer, sizeof buffer);
  for (ssize_t i = 0; i < got; ++i) {
    if (buffer[i] == '\n' || buffer[i] == '\r') {
      line = std::move(typed_);
      typed_.clear();
      return true;
    }
    if (typed_.size() < kLongest) typed_ += buffer[i];
  }
  return false;
}

}  // namespace postern::init
