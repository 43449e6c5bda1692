// The life of a key that signs mail: new -> published -> signing -> retiring -> removed. A pure table; times
// are nanoseconds since 1970, given by the caller.
//
// What always holds: a key signs only after its record was seen in the DNS and had time to be seen by others;
// of a family one key signs, and the one before stays verifiable until mail it signed has arrived everywhere.
// RFC 6376 §3.1 (selectors are there for this), RFC 6376 §3.6.1 (a removed record revokes).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "platform/base/time.hpp"

namespace postern::keystore {

enum class State : std::uint8_t { fresh, published, signing, retiring, removed };
inline constexpr State kLastState = State::removed;
std::string_view text(State state);
std::optional<State> read_state(std::string_view text);

struct Life {
  State state = State::fresh;
  std::uint64_t since = 0;  // in this state
  std::uint64_t seen = 0;   // its record was in the DNS then, the last time; 0: never
};

struct RotationTimes {
  Duration publish = std::chrono::hours(1);  // resolvers that asked before the record was there forget that
  Duration fresh_look = std::chrono::hours(2);   // a look at the DNS older than this counts for nothing
  Duration retire = std::chrono::hours(24 * 7);  // mail waits in queues that long before it is verified
};

// Moves every key of a family (oldest first) as far as time and looks allow; true where one moved.
bool move_on(std::span<Life> family, std::uint64_t now, const RotationTimes& times = {});
// The record was looked for: found, or surely not there.
void looked(Life& life, bool found, std::uint64_t now);
// When it can move by itself at the earliest; 0: something has to happen first.
std::uint64_t next_change(const Life& life, const RotationTimes& times = {});
// Whether a person may move a key so; empty: yes, else why not.
std::string_view forbidden(State from, State to);

}  // namespace postern::keystore
