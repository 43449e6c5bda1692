// What happens to a slot after its start: see the header.
#include "platform/slots/keeper.hpp"

namespace postern::slots {
namespace {

Outcome<Entry> change(Disk& disk, const Entry& from, const Entry& to) {
  if (from == to) return to;
  if (auto done = disk.rename(file_name(from), file_name(to)); !done) return tl::unexpected(done.error());
  if (auto done = disk.sync_directory(); !done) return tl::unexpected(done.error());
  return to;
}

}  // namespace

Running running_of(std::string_view started_name) {
  return {parse_entry(started_name)};
}

Outcome<Entry> running_entry(Disk& disk, const Running& running) {
  if (running.rescue()) return fault("this is the rescue system: no slot is running");
  const auto names = disk.list();
  if (!names) return tl::unexpected(names.error());
  std::optional<Entry> found;
  for (const auto& name : *names) {
    const auto entry = parse_entry(name);
    if (!entry || entry->slot != running.started->slot || entry->number != running.started->number) continue;
    // A cut rename may leave two names of one file: the good one counts.
    if (!found || entry->good()) found = entry;
  }
  if (found) return *found;
  return fault("the running slot " + std::string(1, letter(running.started->slot)) +
               " has no name on the ESP any more");
}

Outcome<State> running_state(Disk& disk, const Running& running) {
  const auto entry = running_entry(disk, running);
  if (!entry) return tl::unexpected(entry.error());
  if (entry->good()) return State::good;
  // The loader has counted this start already: +0-3 may be the third try itself.
  return State::trial;
}

Outcome<Slot> slot_to_write(Disk& disk, const Running& running) {
  if (!running.rescue()) {
    const auto entry = running_entry(disk, running);
    if (!entry) return tl::unexpected(entry.error());
    if (entry->good()) return other(entry->slot);
    return fault(
        "the running slot is still on trial: if it were the only one left, nothing would be to go back to. "
        "Wait until it is found good, or confirm it");
  }
  const auto names = disk.list();
  if (!names) return tl::unexpected(names.error());
  const auto a = entry_of(Slot::a, *names);
  const auto b = entry_of(Slot::b, *names);
  if (!a || !b) return !a ? Slot::a : Slot::b;
  if (a->good() != b->good()) return a->good() ? Slot::b : Slot::a;
  return a->number < b->number ? Slot::a : Slot::b;
}

Outcome<Entry> mark_good(Disk& disk, const Running& running) {
  const auto entry = running_entry(disk, running);
  if (!entry) return entry;
  return change(disk, *entry, {.number = entry->number, .slot = entry->slot, .tries = {}});
}

Outcome<Entry> mark_bad(Disk& disk, const Running& running) {
  const auto entry = running_entry(disk, running);
  if (!entry) return entry;
  const auto names = disk.list();
  if (!names) return tl::unexpected(names.error());
  const auto spare = entry_of(other(entry->slot), *names);
  if (!spare || !spare->good())
    return fault("there is nothing to go back to: slot " + std::string(1, letter(other(entry->slot))) +
                 " is " + condition(spare));
  const auto done = entry->tries ? entry->tries->done : 0;
  return change(disk, *entry, {.number = entry->number, .slot = entry->slot, .tries = Tries{0, done}});
}

}  // namespace postern::slots
