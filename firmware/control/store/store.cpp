// The store of settings, what people do with it: see the header. What happens by itself is in keeping.cpp.
#include "firmware/control/store/store.hpp"

#include <algorithm>

#include "firmware/control/store/migrations.hpp"

namespace postern::control {

namespace {

tl::unexpected<Refusal> refuse(std::string text, std::vector<ipc::SettingFault> faults = {}) {
  return tl::unexpected(Refusal{std::move(text), std::move(faults)});
}

std::string count_text(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

bool Checked::usable() const {
  return std::none_of(faults.begin(), faults.end(), [](const auto& fault) { return fault.fatal; });
}

ipc::SettingValues Store::candidate_values(const Actor& actor) const {
  const auto* candidate = candidates_.find(actor.name);
  return candidate == nullptr ? running_.values : candidate->applied_to(running_.values);
}

std::size_t Store::candidate_size(const Actor& actor) const {
  const auto* candidate = candidates_.find(actor.name);
  return candidate == nullptr ? 0 : candidate->size();
}

Taken<ipc::SettingValues> Store::values_of(std::uint64_t number) {
  if (number == running_.number) return running_.values;
  if (known_.find(number) == known_.end())
    return refuse("there is no generation " + std::to_string(number) +
                  "; 'history' lists those that are kept");
  auto generation = archive_.read(number);
  if (!generation)
    return refuse("generation " + std::to_string(number) + " cannot be used: it " +
                  generation.error().reason);
  settle(*generation);
  return std::move(generation->values);
}

// Who may change anything at all now.
std::optional<Refusal> Store::forbids(const Actor& actor, Now now) {
  if (!actor.role.empty() && actor.role != "owner" && actor.role != "operator")
    return Refusal{"the role " + actor.role + " may not change settings", {}};
  if (lock_ && now.instant - lock_->touched > kLockPatience) lock_.reset();
  if (lock_ && lock_->name != actor.name) {
    return Refusal{lock_->name + " (" + lock_->source +
                       ") has the settings for himself; ask for 'lock off', or " +
                       "wait until nothing happened for half an hour",
                   {}};
  }
  if (lock_) lock_->touched = now.instant;
  return std::nullopt;
}

std::optional<Refusal> Store::forbids_edit(const Actor& actor, const std::string& name) const {
  const auto* setting = ipc::find_setting(name);
  if (setting == nullptr || actor.role.empty() || actor.role == "owner" || setting->who != ipc::Who::owner)
    return std::nullopt;
  return Refusal{name + " may be changed by an owner only",
                 {{name, "may be changed by an owner only", "somebody with the role owner"}}};
}

Taken<std::size_t> Store::set(const Actor& actor, const ipc::SettingValues& values, Now now) {
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  std::vector<ipc::SettingFault> faults;
  const auto before = candidate_values(actor);
  ipc::SettingValues clear;
  for (const auto& [name, given] : values) {
    if (auto no = forbids_edit(actor, name)) return tl::unexpected(*no);
    const auto old = before.find(name);
    clear[name] = unmasked(name, given, old == before.end() ? "" : old->second);
    const auto* setting = ipc::find_setting(name);
    if (setting == nullptr) {
      const auto near = ipc::nearest_setting(name);
      faults.push_back(
          {name, "is not a setting", near.empty() ? "see 'postern settings'" : "did you mean " + near + "?"});
    } else if (const auto wrong = ipc::wrong_with(*setting, clear[name]); !wrong.empty()) {
      faults.push_back({name, setting->secret ? "is not right" : wrong, ipc::what_fits(*setting)});
    }
  }
  if (!faults.empty()) return refuse("nothing was set", std::move(faults));
  auto& candidate = candidates_.of(actor.name, now.instant);
  for (auto& [name, value] : clear) candidate.set(running_.values, name, value);
  return candidate.size();
}

Taken<std::size_t> Store::erase(const Actor& actor, const std::string& name, Now now) {
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  if (auto no = forbids_edit(actor, name)) return tl::unexpected(*no);
  const auto values = candidate_values(actor);
  if (values.find(name) == values.end()) return refuse(name + " is not set: it has its default already");
  auto& candidate = candidates_.of(actor.name, now.instant);
  candidate.set(running_.values, name, std::nullopt);
  return candidate.size();
}

Taken<std::size_t> Store::load(const Actor& actor, const ipc::SettingValues& wanted, Now now) {
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  for (const auto& name : changed_names(running_.values, wanted)) {
    if (auto no = forbids_edit(actor, name)) return tl::unexpected(*no);
  }
  auto& candidate = candidates_.of(actor.name, now.instant);
  candidate.load(running_.values, wanted);
  return candidate.size();
}

Taken<std::size_t> Store::rollback(const Actor& actor, std::uint64_t number, Now now) {
  const auto values = values_of(number);
  if (!values) return tl::unexpected(values.error());
  return load(actor, *values, now);
}

Taken<void> Store::lock(const Actor& actor, bool on, Now now) {
  const bool breaks = !on && (actor.role.empty() || actor.role == "owner");
  if (breaks) lock_.reset();
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  lock_ = on ? std::optional(Lock{actor.name, actor.source, now.instant}) : std::nullopt;
  return {};
}

Checked Store::check(const Actor& actor) const {
  const auto values = candidate_values(actor);
  Checked checked;
  checked.faults = ipc::check_settings(values);
  if (checked.usable()) {
    for (auto& fault : look_(values)) checked.faults.push_back(std::move(fault));
  }
  for (const auto& name : changed_names(running_.values, values)) {
    const auto* setting = ipc::find_setting(name);
    if (setting != nullptr && setting->takes == ipc::Takes::restart) checked.restart.push_back(name);
  }
  return checked;
}

Taken<std::uint64_t> Store::commit(const Actor& actor, const Commit& how, Now now) {
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  auto& candidate = candidates_.of(actor.name, now.instant);
  if (const auto names = candidate.overtaken(running_.values); !names.empty()) {
    std::vector<ipc::SettingFault> faults;
    for (const auto& name : names)
      faults.push_back(
          {name, "was changed by somebody else meanwhile", "compare, and set it again to overrule"});
    return refuse(
        count_text(names.size(), "setting was", "settings were") + " changed by somebody else meanwhile",
        std::move(faults));
  }
  if (candidate.size() == 0 && pending_ && !how.confirm_minutes) return confirm(actor);
  if (candidate.size() == 0) return refuse("there is nothing to commit: the candidate is what is in force");
  if (how.confirm_minutes && (*how.confirm_minutes == 0 || *how.confirm_minutes > kMostConfirmMinutes))
    return refuse("the time to confirm is a number of minutes from 1 to " +
                  std::to_string(kMostConfirmMinutes));
  auto checked = check(actor);
  if (!checked.usable()) {
    std::erase_if(checked.faults, [](const auto& fault) { return !fault.fatal; });
    return refuse("the settings are not right; nothing was changed", std::move(checked.faults));
  }
  auto made = next(actor, candidate.applied_to(running_.values), now);
  made.comment = how.comment;
  if (how.confirm_minutes) {
    made.confirmed = false;
    made.confirm_until_ns = made.wall_ns + std::uint64_t{*how.confirm_minutes} * 60'000'000'000;
  } else if (pending_) {
    if (auto done = confirm(actor); !done) return done;
  }
  auto number = put(std::move(made), now);
  if (!number) return number;
  candidates_.discard(actor.name);
  if (how.confirm_minutes) {
    const auto until = now.instant + std::chrono::minutes(*how.confirm_minutes);
    pending_ = Pending{*number, newest_confirmed(), until, running_.confirm_until_ns};
  }
  return number;
}

Taken<std::uint64_t> Store::confirm(const Actor& actor) {
  if (!actor.role.empty() && actor.role != "owner" && actor.role != "operator")
    return refuse("the role " + actor.role + " may not change settings");
  if (!pending_) return refuse("nothing waits to be confirmed");
  auto confirmed = running_;
  confirmed.confirmed = true;
  if (auto kept = archive_.write(confirmed.number, confirmed); !kept)
    return refuse("the confirmation cannot be kept: " + kept.error().reason);
  adopt(std::move(confirmed));
  pending_.reset();
  return running_.number;
}

Taken<void> Store::save_rescue(const Actor& actor, Now now) {
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  auto rescue = next(actor, running_.values, now);
  rescue.comment = "rescue, from generation " + std::to_string(running_.number);
  if (auto kept = archive_.write(kRescue, rescue); !kept) return refuse(kept.error().reason);
  return {};
}

Taken<std::size_t> Store::load_rescue(const Actor& actor, Now now) {
  auto rescue = archive_.read(kRescue);
  if (!rescue) return refuse("there is no rescue configuration that can be used: " + rescue.error().reason);
  settle(*rescue);
  return load(actor, rescue->values, now);
}

Taken<std::uint64_t> Store::factory_reset(const Actor& actor, Now now) {
  if (auto no = forbids(actor, now)) return tl::unexpected(*no);
  if (!actor.role.empty() && actor.role != "owner") return refuse("only an owner may do that");
  auto made = next(actor, {}, now);
  made.comment = "factory reset";
  auto number = put(std::move(made), now);
  if (!number) return number;
  pending_.reset();
  lock_.reset();
  candidates_.clear();
  for (const auto old : archive_.numbers()) {
    if (old != *number) archive_.remove(old);
  }
  archive_.remove(kRescue);
  std::erase_if(known_, [&](const auto& entry) { return entry.first != *number; });
  return number;
}

std::vector<Generation> Store::history(std::size_t most) const {
  std::vector<Generation> list;
  for (auto one = known_.rbegin(); one != known_.rend() && list.size() < most; ++one)
    list.push_back(one->second);
  return list;
}

}  // namespace postern::control
