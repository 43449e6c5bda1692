// What happens to a slot after its start: found good, found bad, or waiting for somebody to confirm; and
// which slot may be written.
#pragma once

#include "platform/slots/disk.hpp"
#include "platform/slots/machine.hpp"

namespace postern::slots {

// `started`: the file name that the loader started, with whatever counter it had; only number and slot count.
// In the rescue system there is none.
struct Running {
  std::optional<Entry> started;
  bool rescue() const { return !started; }
};
Running running_of(std::string_view started_name);

// The running slot's name as it is on the ESP now; a fault where it is gone.
Outcome<Entry> running_entry(Disk& disk, const Running& running);

// The state of the running slot: good, trial or going_back.
Outcome<State> running_state(Disk& disk, const Running& running);

// Where an update may go. A fault while the running slot is on trial: overwriting the other one would leave
// no way back. From the rescue system: a slot that is not good, else the older one.
Outcome<Slot> slot_to_write(Disk& disk, const Running& running);

// One rename and a sync; nothing where the name is as it should be already.
Outcome<Entry> mark_good(Disk& disk, const Running& running);
// The loader takes the other slot from the next start on. A fault where there is no other slot that was found
// good.
Outcome<Entry> mark_bad(Disk& disk, const Running& running);

}  // namespace postern::slots
