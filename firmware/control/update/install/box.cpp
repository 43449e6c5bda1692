// The box as its updater sees it: see the header.
#include "firmware/control/update/install/box.hpp"

#include <charconv>
#include <fstream>

#include "platform/process/lock_file.hpp"
#include "platform/slots/linux_disk.hpp"
#include "platform/slots/version.hpp"

namespace postern::control::update {
namespace {

using slots::Event;
using slots::State;

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// When waiting ends, on the clock of this start; the file lies in /run and goes with it.
std::filesystem::path deadline_file(const Box& box) {
  return box.folder() / "confirm-until";
}

std::uint64_t read_deadline(const Box& box) {
  const auto line = first_line(deadline_file(box));
  std::uint64_t seconds = 0;
  std::from_chars(line.data(), line.data() + line.size(), seconds);
  return seconds;
}

bool must_be_confirmed(Box& box) {
  return box.running().started && box.record().confirm_number == box.running().started->number;
}

// What the record says once the running slot is good.
Outcome<Judged> settle_good(Box& box) {
  if (auto marked = slots::mark_good(box.disk(), box.running()); !marked)
    return tl::unexpected(marked.error());
  auto& record = box.record();
  const auto slot = box.running().started->slot;
  const auto before = record.text();
  const auto brought = slots::parse_version(record.floors[slot]);
  const auto floor = slots::parse_version(record.floor);
  if (brought && (!floor || *floor < *brought)) record.floor = record.floors[slot];
  if (record.confirm_number == box.running().started->number) record.confirm_number = 0;
  const auto line = std::string("slot ") + slots::letter(slot) + " is good";
  if (record.tried_number == box.running().started->number)
    record.last = "version " + box.running_version() + " runs and was found good";
  std::error_code ignored;
  std::filesystem::remove(deadline_file(box), ignored);
  if (record.text() != before) {
    if (auto saved = box.save(); !saved) return tl::unexpected(saved.error());
  }
  return Judged{Verdict::good, 0, line};
}

Outcome<Judged> settle_bad(Box& box, const std::string& why) {
  auto marked = slots::mark_bad(box.disk(), box.running());
  if (!marked) return tl::unexpected(marked.error());
  auto& record = box.record();
  record.last = "version " + box.running_version() + " was given up: " + why;
  if (record.confirm_number == marked->number) record.confirm_number = 0;
  std::error_code ignored;
  std::filesystem::remove(deadline_file(box), ignored);
  // The name is what counts; a record that cannot be written must not keep a bad slot.
  static_cast<void>(box.save());
  const auto spare = std::string(1, slots::letter(slots::other(marked->slot)));
  return Judged{Verdict::going_back, 0, "slot " + spare + " starts next: " + why};
}

// The state on top of what the names say.
Outcome<State> state_of(Box& box) {
  auto state = slots::running_state(box.disk(), box.running());
  if (state && *state == State::trial && must_be_confirmed(box) && read_deadline(box) != 0)
    return State::waiting;
  return state;
}

Outcome<Judged> apply(Box& box, Event event, const std::string& why) {
  const auto state = state_of(box);
  if (!state) return tl::unexpected(state.error());
  const auto next = slots::step(*state, event);
  if (next.action == slots::Action::mark_good) return settle_good(box);
  if (next.action == slots::Action::mark_bad) return settle_bad(box, why);
  return Judged{next.next == State::waiting ? Verdict::waiting : Verdict::good, 0,
                std::string(slots::text(next.next))};
}

}  // namespace

Outcome<Box> Box::open(const std::filesystem::path& folder) {
  Box box;
  box.folder_ = folder;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error))
    return fault("there are no slots here (" + folder.string() +
                 " is missing): this system was not started from an image");
  auto lock = process::take_lock((folder / "lock").string());
  if (!lock) return fault("another update is at work: " + lock.error().reason);
  box.lock_ = std::move(*lock);
  auto disk = slots::open_disk(folder);
  if (!disk) return tl::unexpected(disk.error());
  box.disk_ = std::move(*disk);
  box.running_ = slots::running_of(first_line(folder / "entry"));
  box.board_ = first_line(folder / "board");
  box.record_ = slots::load_record(folder / "state" / "slots");
  return box;
}

std::string Box::running_version() const {
  if (!running_.started) return POSTERN_VERSION;
  const auto found = record_.versions.find(running_.started->slot);
  return found != record_.versions.end() ? found->second : POSTERN_VERSION;
}

std::uint64_t confirm_until(const Box& box) {
  return read_deadline(box);
}

Outcome<Judged> found_healthy(Box& box, std::uint64_t now_seconds) {
  const auto state = state_of(box);
  if (!state) return tl::unexpected(state.error());
  if (*state == State::trial && must_be_confirmed(box)) {
    const auto until = now_seconds + std::uint64_t{60} * box.record().confirm_minutes;
    std::ofstream(deadline_file(box)) << until << "\n";
    return Judged{Verdict::waiting, until - now_seconds, "healthy; somebody has to confirm it"};
  }
  if (*state != State::waiting) return apply(box, Event::healthy, {});
  const auto until = read_deadline(box);
  if (now_seconds >= until) return apply(box, Event::deadline, "nobody confirmed it in time");
  return Judged{Verdict::waiting, until - now_seconds, "healthy; somebody has to confirm it"};
}

Outcome<Judged> found_unhealthy(Box& box, const std::string& why) {
  return apply(box, Event::unhealthy, why);
}

Outcome<Judged> confirm(Box& box) {
  const auto state = state_of(box);
  if (!state) return tl::unexpected(state.error());
  if (*state == State::good) return Judged{Verdict::good, 0, "nothing waits to be confirmed"};
  if (*state != State::waiting)
    return fault("the running slot has not been found healthy yet; confirm it when it waits for that");
  return apply(box, Event::confirmed, {});
}

Outcome<Judged> roll_back(Box& box) {
  return apply(box, Event::roll_back, "the operator went back");
}

}  // namespace postern::control::update
