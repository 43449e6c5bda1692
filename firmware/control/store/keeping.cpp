// The store of settings, what happens by itself: opening, keeping, going back, taking in a file.
#include <algorithm>

#include "firmware/control/store/migrations.hpp"
#include "firmware/control/store/store.hpp"

namespace postern::control {

namespace {

constexpr std::size_t kMostAnnouncements = 20;

std::uint64_t wall_ns(Now now) {
  return static_cast<std::uint64_t>(now.wall.time_since_epoch().count());
}

Generation without_values(const Generation& generation) {
  auto facts = generation;
  facts.values.clear();
  return facts;
}

}  // namespace

void Store::announce(std::string text, Now now) {
  announcements_.push_back({wall_ns(now), std::move(text)});
  unsaid_.push_back(announcements_.back());
  if (announcements_.size() > kMostAnnouncements) announcements_.erase(announcements_.begin());
}

std::vector<Announcement> Store::take_unsaid() {
  return std::exchange(unsaid_, {});
}

void Store::open(Now now) {
  read_all(now);
  if (known_.empty()) return;
  const auto newest = known_.rbegin()->first;
  auto generation = archive_.read(newest);
  if (!generation) return;  // it was readable a moment ago: all defaults, and the next start looks again
  for (auto& line : settle(*generation)) announce(std::move(line), now);
  running_ = std::move(*generation);
  if (running_.waits())
    go_back("generation " + std::to_string(newest) + " was not confirmed before the box or its control ended",
            now);
}

void Store::read_all(Now now) {
  for (const auto number : archive_.numbers()) {
    last_number_ = std::max(last_number_, number);
    const auto generation = archive_.read(number);
    if (generation && generation->number == number) {
      known_.insert_or_assign(number, without_values(*generation));
      continue;
    }
    archive_.set_aside(number);
    announce("generation " + std::to_string(number) + " of the settings is damaged and was set aside: it " +
                 (generation ? "has another number inside" : generation.error().reason),
             now);
  }
}

bool Store::turn(Now now) {
  if (!pending_ || now.instant < pending_->until) return false;
  go_back("generation " + std::to_string(pending_->generation) + " was not confirmed in time", now);
  return true;
}

std::uint64_t Store::newest_confirmed() const {
  for (auto one = known_.rbegin(); one != known_.rend(); ++one) {
    if (!one->second.waits() && one->first != running_.number) return one->first;
  }
  return 0;
}

// To the values of the newest confirmed generation, as a generation of its own.
void Store::go_back(const std::string& why, Now now) {
  const auto target = newest_confirmed();
  ipc::SettingValues values;
  if (target != 0) {
    if (auto read = values_of(target)) {
      values = std::move(*read);
    } else {
      announce(read.error().text + "; all settings have their defaults", now);
    }
  }
  auto back = next({"postern", "system", ""}, std::move(values), now);
  back.comment = why + "; back to " + (target == 0 ? "the defaults" : "generation " + std::to_string(target));
  pending_.reset();
  announce(back.comment, now);
  auto copy = back;
  if (auto done = put(std::move(back), now); !done) {
    announce(done.error().text + "; the step back holds until the next start, and is made again then", now);
    adopt(std::move(copy));
  }
}

Taken<std::uint64_t> Store::revert(const std::string& why, Now now) {
  if (newest_confirmed() == 0) return tl::unexpected(Refusal{"there is nothing to go back to", {}});
  go_back(why, now);
  return running_.number;
}

Generation Store::next(const Actor& actor, ipc::SettingValues values, Now now) const {
  Generation made;
  made.number = last_number_ + 1;
  made.parent = running_.number;
  made.schema = kSchemaVersion;
  made.wall_ns = wall_ns(now);
  made.author = actor.name;
  made.source = actor.source;
  made.changed = changed_names(running_.values, values);
  made.imported = running_.imported;
  made.values = std::move(values);
  return made;
}

void Store::adopt(Generation generation) {
  last_number_ = std::max(last_number_, generation.number);
  known_.insert_or_assign(generation.number, without_values(generation));
  running_ = std::move(generation);
}

Taken<std::uint64_t> Store::put(Generation made, Now) {
  if (auto kept = archive_.write(made.number, made); !kept)
    return tl::unexpected(
        Refusal{"the settings cannot be kept, so nothing was changed: " + kept.error().reason, {}});
  adopt(std::move(made));
  prune();
  return running_.number;
}

// The oldest go; never the one in force nor the one a pending commit would go back to.
void Store::prune() {
  while (known_.size() > kept_) {
    const auto oldest = known_.begin()->first;
    if (oldest == newest_confirmed() || oldest == running_.number) return;
    archive_.remove(oldest);
    known_.erase(oldest);
  }
}

bool Store::is_new_file(const ipc::SettingValues& values) const {
  return running_.imported != digest_text(values);
}

void Store::import_file(const ipc::SettingValues& values, const std::string& path, Now now) {
  auto made = next({"file", "file", ""}, values, now);
  made.comment = path;
  made.imported = digest_text(values);
  pending_.reset();
  auto copy = made;
  if (auto done = put(std::move(made), now); !done) {
    announce("the settings file is in force, but could not be kept: " + done.error().text, now);
    adopt(std::move(copy));
  }
}

}  // namespace postern::control
