// The life of a slot as a table: (state, event) -> (action, state). Pure: what an action does to the disk is
// writer.hpp's and keeper.hpp's.
//
// An event that a state does not know changes nothing and does nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::slots {

enum class State : std::uint8_t {
  idle,             // the running slot is good; the other may be written
  clearing,         // the idle slot's names are being removed
  writing,          // its root is being written
  checking,         // its root is being read back
  kernel,           // its kernel is being written to .tmp
  checking_kernel,  // its kernel is being read back
  switching,        // the rename
  restart_needed,   // the next start is the new slot's
  failed,           // nothing was switched
  trial,            // started, not yet found good
  waiting,          // healthy; somebody has to confirm
  good,
  going_back,  // named bad; a restart leads to the other slot
};

enum class Event : std::uint8_t {
  begin,
  done,    // the action of this state succeeded
  failed,  // or did not
  healthy,
  unhealthy,
  confirm_asked,  // healthy, and somebody was asked to confirm
  confirmed,
  deadline,
  roll_back,  // the operator wants the other slot
};

enum class Action : std::uint8_t {
  none,
  clear,
  write_root,
  check_root,
  write_kernel,
  check_kernel,
  rename,
  tidy,       // remove .tmp
  mark_good,  // the name loses its counter
  mark_bad,   // the name gets +0
};

struct Step {
  Action action = Action::none;
  State next = State::idle;
};

Step step(State state, Event event);

std::string_view text(State state);

}  // namespace postern::slots
