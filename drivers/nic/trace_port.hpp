// A port that says one line for each frame: "12.000345678 wan < TCP 192.0.2.1.40000 > 192.0.2.2.25 [S] ...
// (74 bytes)".
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "drivers/nic/frame_text.hpp"
#include "drivers/nic/wrapped_port.hpp"

namespace postern::nic {

// Gets each line, without a line end. Runs on the packet core: whoever writes it out there makes system
// calls.
using TraceSink = void (*)(std::string_view line, void* context);

class TracePort final : public WrappedPort {
 public:
  TracePort(Port& inner, TraceSink sink, void* context)
      : WrappedPort(inner), sink_(sink), context_(context) {}

 private:
  void see(const Frame& frame, Direction direction, Instant now) override {
    FrameText text;
    const auto said = frame_text(frame.bytes(), text);
    const auto time = now.time_since_epoch().count();
    std::array<char, 320> line;
    const int length = std::snprintf(
        line.data(), line.size(), "%lld.%09lld %.32s %c %.*s", static_cast<long long>(time / 1'000'000'000),
        static_cast<long long>(time % 1'000'000'000), facts().name.c_str(),
        direction == Direction::in ? '<' : '>', static_cast<int>(said.size()), said.data());
    if (length > 0)
      sink_({line.data(), std::min(static_cast<std::size_t>(length), line.size() - 1)}, context_);
  }

  TraceSink sink_;
  void* context_;
};

}  // namespace postern::nic
