// `postern top`: the live view.
#include "firmware/control/cli/top.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

#include "firmware/control/cli/terminal.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/clock/clock.hpp"

namespace postern::control::cli {

namespace {

constexpr std::uint64_t kOutcomes = 60;

double steady_seconds() {
  return static_cast<double>(clock::kernel_instant().time_since_epoch().count()) / 1e9;
}

int look(const Invocation& invocation, Look& into) {
  auto reply = ask(invocation, {{"command", "status"}});
  if (reply.status != kDone) return reply.status;
  into.seconds = steady_seconds();
  into.status = std::move(reply.json);
  reply = ask(invocation, {{"command", "outcomes"}, {"after", 0}, {"most", kOutcomes}});
  if (reply.status != kDone) return reply.status;
  into.outcomes = reply.json.value("outcomes", Json::array());
  return kDone;
}

// Into a file or a pipe: one screen, or as many as asked for, one after the other.
int print_screens(const Invocation& invocation, Look before, int milliseconds, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    ::poll(nullptr, 0, milliseconds);
    Look now;
    if (const int status = look(invocation, now); status != kDone) return status;
    if (invocation.json) {
      std::printf("%s\n", top_json(before, now).dump().c_str());
    } else {
      for (const auto& line : top_lines(before, now, 132, 40, false)) std::printf("%s\n", line.c_str());
    }
    std::fflush(stdout);
    before = std::move(now);
  }
  return kDone;
}

int live(const Invocation& invocation, Look before, int milliseconds) {
  int status = kDone;
  {
    LiveScreen screen;
    Look now = before;
    while (true) {
      const auto size = terminal_size(STDOUT_FILENO);
      auto lines = top_lines(before, now, size.width, size.height - 1, invocation.colour);
      lines.resize(size.height - 1);
      lines.push_back("q: end");
      screen.draw(lines);
      if (screen.key(milliseconds) == 'q') break;
      before = std::move(now);
      if (status = look(invocation, now); status != kDone) break;
    }
  }
  return status;
}

}  // namespace

int top_command(const Invocation& invocation) {
  std::uint64_t seconds = 1;
  std::uint64_t count = 1;
  const auto number = [&](const char* option, std::uint64_t most, std::uint64_t& into) {
    const auto given = invocation.given.find(option);
    if (given == invocation.given.end()) return true;
    const auto value = ipc::read_integer(given->second);
    if (value && *value >= 1 && *value <= most) into = *value;
    return value && *value >= 1 && *value <= most;
  };
  if (!number("-d", 3600, seconds)) return complain("-d needs whole seconds from 1 to 3600", kUsage);
  if (!number("-n", 1'000'000, count)) return complain("-n needs a whole number of at least 1", kUsage);
  Look first;
  if (const int status = look(invocation, first); status != kDone) return status;
  const auto milliseconds = static_cast<int>(seconds * 1000);
  const bool once = invocation.json || !invocation.terminal || invocation.given.count("-n") != 0;
  return once ? print_screens(invocation, std::move(first), milliseconds, count)
              : live(invocation, std::move(first), milliseconds);
}

}  // namespace postern::control::cli
