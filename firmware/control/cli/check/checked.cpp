// See checked.hpp.
#include "firmware/control/cli/check/checked.hpp"

#include <cstdio>

namespace postern::control::cli {

namespace {

Checked with(int status, std::string verdict) {
  Checked checked;
  checked.status = status;
  checked.verdict = std::move(verdict);
  return checked;
}

constexpr std::string_view kWords[] = {"good", "bad", "cannot tell"};
constexpr Colour kColours[] = {Colour::green, Colour::red, Colour::yellow};

}  // namespace

void Checked::worsen(int other) {
  if (status != kBad && other != kGood) status = other;
}

Checked good(std::string verdict) {
  return with(kGood, std::move(verdict));
}
Checked bad(std::string verdict) {
  return with(kBad, std::move(verdict));
}
Checked cannot_tell(std::string verdict) {
  return with(kCannotTell, std::move(verdict));
}

int show(const Invocation& invocation, const Checked& checked) {
  const auto at = static_cast<std::size_t>(checked.status);
  if (invocation.json) {
    Json json{{"result", kWords[at]}, {"verdict", checked.verdict}};
    json.update(checked.json);
    return print(json) == kDone ? checked.status : kCannotTell;
  }
  for (const auto& line : checked.lines) {
    std::printf("%s\n", paint(printable(line.text), line.colour, invocation.colour).c_str());
  }
  std::printf("%s%s: %s\n", checked.lines.empty() ? "" : "\n",
              paint(kWords[at], kColours[at], invocation.colour).c_str(), printable(checked.verdict).c_str());
  return checked.status;
}

}  // namespace postern::control::cli
