// The one store of settings behind all faces: candidate, check, compare, commit, confirm, roll back.
//
// What always holds: the newest generation of the archive is in force, or, where it still waits for its
// confirmation when the store opens, the newest confirmed one before it. Nothing is in force that was not
// kept first (but a settings file that finds the disk full). A step back is a generation of its own, so that
// history only grows. No clock: time is an argument.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/store/archive.hpp"
#include "firmware/control/store/candidates.hpp"
#include "firmware/control/store/changes.hpp"

namespace postern::control {

struct Actor {
  std::string name;
  std::string source;  // cli, console, web, api
  std::string role;    // owner, operator, ...; empty: may do everything
};

// Why something was not done: one line, and what is wrong with which setting.
struct Refusal {
  std::string text;
  std::vector<ipc::SettingFault> faults;
};
template <typename T>
using Taken = Result<T, Refusal>;

struct Checked {
  std::vector<ipc::SettingFault> faults;  // warnings among them
  std::vector<std::string> restart;       // changes that wait for a start of the data plane
  bool usable() const;
};

struct Commit {
  std::string comment;
  std::optional<unsigned> confirm_minutes;  // reverted unless confirmed by then
};

struct Pending {
  std::uint64_t generation = 0;
  std::uint64_t back_to = 0;
  Instant until{};
  std::uint64_t until_wall_ns = 0;
};

struct Announcement {
  std::uint64_t wall_ns = 0;
  std::string text;
};

struct Lock {
  std::string name;
  std::string source;
  Instant touched{};
};

class Store {
 public:
  // Looks at what the table cannot know: files that values name.
  using Look = std::function<std::vector<ipc::SettingFault>(const ipc::SettingValues&)>;

  static constexpr unsigned kConfirmMinutes = 10;
  static constexpr unsigned kMostConfirmMinutes = 24 * 60;
  static constexpr std::size_t kLeastKept = 100;
  static constexpr Duration kLockPatience = std::chrono::minutes(30);

  Store(Archive& archive, Look look) : archive_(archive), look_(std::move(look)) {}
  void set_kept(std::size_t kept) { kept_ = std::max(kept, kLeastKept); }

  // Reads what there is. Empty: all defaults, generation 0.
  void open(Now now);
  // True where a deadline passed and what is in force is another one now.
  bool turn(Now now);

  const Generation& running() const { return running_; }
  ipc::SettingValues candidate_values(const Actor& actor) const;
  std::size_t candidate_size(const Actor& actor) const;
  Taken<ipc::SettingValues> values_of(std::uint64_t number);

  // All of them, or none and every fault.
  Taken<std::size_t> set(const Actor& actor, const ipc::SettingValues& values, Now now);
  Taken<std::size_t> erase(const Actor& actor, const std::string& name, Now now);
  Taken<std::size_t> load(const Actor& actor, const ipc::SettingValues& wanted, Now now);
  Taken<std::size_t> rollback(const Actor& actor, std::uint64_t number, Now now);
  void discard(const Actor& actor) { candidates_.discard(actor.name); }
  Taken<void> lock(const Actor& actor, bool on, Now now);

  Checked check(const Actor& actor) const;
  Taken<std::uint64_t> commit(const Actor& actor, const Commit& how, Now now);
  Taken<std::uint64_t> confirm(const Actor& actor);
  // At once, instead of waiting for the deadline, or because the data plane refused it.
  Taken<std::uint64_t> revert(const std::string& why, Now now);
  Taken<void> save_rescue(const Actor& actor, Now now);
  Taken<std::size_t> load_rescue(const Actor& actor, Now now);
  // All defaults; what was before is gone from the archive too.
  Taken<std::uint64_t> factory_reset(const Actor& actor, Now now);
  // True where the file holds what was not taken in yet.
  bool is_new_file(const ipc::SettingValues& values) const;
  void import_file(const ipc::SettingValues& values, const std::string& path, Now now);

  // Newest first, without their values.
  std::vector<Generation> history(std::size_t most) const;
  const std::optional<Pending>& pending() const { return pending_; }
  const std::optional<Lock>& locked() const { return lock_; }
  // The last few things that happened by themselves.
  const std::vector<Announcement>& announcements() const { return announcements_; }
  std::vector<Announcement> take_unsaid();

 private:
  std::optional<Refusal> forbids(const Actor& actor, Now now);
  std::optional<Refusal> forbids_edit(const Actor& actor, const std::string& name) const;
  Taken<std::uint64_t> put(Generation next, Now now);
  Generation next(const Actor& actor, ipc::SettingValues values, Now now) const;
  void adopt(Generation generation);
  void read_all(Now now);
  void go_back(const std::string& why, Now now);
  std::uint64_t newest_confirmed() const;
  void prune();
  void announce(std::string text, Now now);

  Archive& archive_;
  Look look_;
  std::size_t kept_ = 200;
  std::map<std::uint64_t, Generation> known_;  // without values
  Generation running_;
  std::uint64_t last_number_ = 0;
  std::optional<Pending> pending_;
  std::optional<Lock> lock_;
  Candidates candidates_;
  std::vector<Announcement> announcements_;
  std::vector<Announcement> unsaid_;
};

}  // namespace postern::control
