// Listening to the resolver library's log: see the header.
#include "firmware/control/resolver/dns/library_log.hpp"

#include <algorithm>

#include "platform/log/log.hpp"

namespace postern::resolver {

namespace {

// The library writes the line and calls back on the same thread, one right after the other.
thread_local std::string last_failure;

constexpr std::string_view kFailure = "SERVFAIL <";

ssize_t on_write(void*, const char* bytes, size_t size) {
  const std::string_view line(bytes, size);
  if (const auto at = line.find(kFailure); at != std::string_view::npos) {
    last_failure = line.substr(at + kFailure.size());
  } else if (const auto text = line.find("error: "); text != std::string_view::npos) {
    log::write(log::Level::warning, "dns", line.substr(text));
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

std::FILE* library_log() {
  static std::FILE* const stream = [] {
    cookie_io_functions_t functions{};
    functions.write = on_write;
    auto* opened = ::fopencookie(nullptr, "w", functions);
    if (opened != nullptr) std::setvbuf(opened, nullptr, _IOLBF, 4096);
    return opened;
  }();
  return stream;
}

std::string take_failure(std::string_view name, std::string_view type) {
  std::string line = std::move(last_failure);
  last_failure.clear();
  // "example.com. MX IN>: all servers for this domain failed, at zone example.com. ..."
  std::string head(name);
  head += ". " + std::string(type) + " IN>: ";
  if (!line.starts_with(head)) return {};
  line.erase(0, head.size());
  while (!line.empty() && static_cast<unsigned char>(line.back()) <= ' ') line.pop_back();
  return line;
}

}  // namespace postern::resolver
