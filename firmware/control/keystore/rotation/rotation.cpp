// The life of a key that signs mail: see the header.
#include "firmware/control/keystore/rotation/rotation.hpp"

#include <algorithm>
#include <array>

namespace postern::keystore {

namespace {

struct Moment {
  std::uint64_t now;
  const RotationTimes& times;
  bool successor_signs;  // a younger key of the family signs
};

std::uint64_t ns(Duration duration) {
  return static_cast<std::uint64_t>(duration.count());
}

bool seen_lately(const Life& life, const Moment& at) {
  return life.seen != 0 && life.seen + ns(at.times.fresh_look) >= at.now;
}

using Condition = bool (*)(const Life&, const Moment&);

bool record_seen(const Life& life, const Moment& at) {
  return seen_lately(life, at);
}
bool record_gone(const Life& life, const Moment&) {
  return life.seen == 0;
}
bool known_everywhere(const Life& life, const Moment& at) {
  return seen_lately(life, at) && life.since + ns(at.times.publish) <= at.now;
}
bool followed(const Life&, const Moment& at) {
  return at.successor_signs;
}
bool outlived(const Life& life, const Moment& at) {
  return life.since + ns(at.times.retire) <= at.now;
}

struct Row {
  State from;
  Condition when;
  State to;
};

// What happens by itself.
constexpr auto kRows = std::to_array<Row>({
    {State::fresh, record_seen, State::published},
    {State::published, record_gone, State::fresh},
    {State::published, known_everywhere, State::signing},
    {State::signing, followed, State::retiring},
    {State::retiring, outlived, State::removed},
});

struct HandRow {
  State from;
  State to;
};

// What a person may do besides: skip a wait, or take a key out of service.
constexpr auto kByHand = std::to_array<HandRow>({
    {State::fresh, State::published},
    {State::fresh, State::signing},
    {State::fresh, State::removed},
    {State::published, State::signing},
    {State::published, State::fresh},
    {State::published, State::removed},
    {State::signing, State::retiring},
    {State::signing, State::removed},
    {State::retiring, State::signing},
    {State::retiring, State::removed},
});

constexpr std::array<std::string_view, 5> kNames{"new", "published", "signing", "retiring", "removed"};

bool step(Life& life, const Moment& at) {
  for (const auto& row : kRows) {
    if (row.from != life.state || !row.when(life, at)) continue;
    life.state = row.to;
    life.since = at.now;
    return true;
  }
  return false;
}

bool signs(const Life& life) {
  return life.state == State::signing;
}

}  // namespace

std::string_view text(State state) {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<State> read_state(std::string_view text) {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<State>(found - kNames.begin());
}

bool move_on(std::span<Life> family, std::uint64_t now, const RotationTimes& times) {
  bool moved = false;
  // Each key moves at most through every state once, youngest first: who follows decides who retires.
  for (std::size_t i = family.size(); i-- > 0;) {
    const auto younger = family.subspan(i + 1);
    const Moment at{now, times, std::any_of(younger.begin(), younger.end(), signs)};
    for (std::size_t n = 0; n < kNames.size() && step(family[i], at); ++n) moved = true;
  }
  return moved;
}

void looked(Life& life, bool found, std::uint64_t now) {
  life.seen = found ? now : 0;
}

std::uint64_t next_change(const Life& life, const RotationTimes& times) {
  if (life.state == State::published) return life.since + ns(times.publish);
  if (life.state == State::retiring) return life.since + ns(times.retire);
  return 0;
}

std::string_view forbidden(State from, State to) {
  if (from == State::removed) return "a removed key is gone; make a new one";
  if (from == to) return "it is in that state already";
  for (const auto& row : kByHand) {
    if (row.from == from && row.to == to) return {};
  }
  return "a key goes new, published, signing, retiring, removed";
}

}  // namespace postern::keystore
