// What postern-control does with the store of settings: takes the settings file in where there is one, hands
// on what is in force, steps back what is not confirmed or not taken, and knows what the cores run.
#include <strings.h>

#include <algorithm>

#include "firmware/control/main/control.hpp"
#include "firmware/control/outbox/outbox.hpp"
#include "firmware/control/outcomes/outcome_text.hpp"
#include "firmware/control/settings/secrets.hpp"
#include "platform/log/log.hpp"

namespace postern::control {

namespace {

constexpr std::size_t kPublishedRemembered = 1000;

std::uint64_t wall_ns(Now now) {
  return static_cast<std::uint64_t>(now.wall.time_since_epoch().count());
}

log::Level log_level(const ipc::SettingsView& view) {
  return static_cast<log::Level>(ipc::read_level(view.text("log.level")).value_or(ipc::Level::info));
}

// At start, the keystore gets this long: what it gives belongs to the settings.
constexpr Duration kKeystorePatience = std::chrono::seconds(10);

}  // namespace

std::vector<ipc::SettingFault> Control::look_at_files(const ipc::SettingValues& values) const {
  auto secrets = load_secrets(values, keystore_.granted());
  secrets.credentials.wipe();
  return std::move(secrets.faults);
}

// The keystore gives out something else than before.
void Control::take_keys() {
  if (loaded_wall_ns_ == 0) return;
  auto before = ipc::write_credentials(credentials_);
  adopt(false);
  auto after = ipc::write_credentials(credentials_);
  const bool same = before == after;
  for (auto* block : {&before, &after}) ::explicit_bzero(block->data(), block->size());
  if (!same && !keys_wait_ && supervisor_.end().greeted()) {
    keys_wait_ = true;
    log::write(
        log::Level::warning, "keystore",
        "certificates or keys that sign mail changed: they take effect when the data plane starts again "
        "('postern restart')");
  }
  apply();
}

bool Control::load() {
  keystore_.wait(kKeystorePatience);
  if (!open_store()) return false;
  const bool file = !options_.settings_file().empty();
  if (file && !take_file()) return false;
  const bool done = adopt(file);
  started_ = view_.values();
  return done;
}

bool Control::open_store() {
  auto archive = DiskArchive::create(options_.store());
  if (!archive) {
    log::write(log::Level::error, "settings", archive.error().reason);
    return false;
  }
  archive_ = std::make_unique<DiskArchive>(std::move(*archive));
  store_ = std::make_unique<Store>(*archive_, [this](const auto& values) { return look_at_files(values); });
  settings_door_ = std::make_unique<SettingsDoor>(
      *store_, [this] { take_settings(); }, [this] { return applied(); });
  store_->open(now_);
  say_announcements();
  return true;
}

// A file that holds what was not taken in yet becomes a generation; its faults leave all as it is.
bool Control::take_file() {
  const auto path = options_.settings_file();
  auto loaded = load_settings(path);
  bool usable = loaded.usable();
  if (usable && store_->is_new_file(loaded.values)) {
    for (auto& fault : look_at_files(loaded.values)) {
      usable = false;
      loaded.faults.push_back(std::move(fault));
    }
  }
  fault_texts_.clear();
  for (const auto& fault : loaded.faults) {
    fault_texts_.push_back(text_of(fault, path));
    log::write(fault.fatal ? log::Level::error : log::Level::warning, "settings", fault_texts_.back());
  }
  if (usable && store_->is_new_file(loaded.values)) store_->import_file(loaded.values, path, now_);
  say_announcements();
  return usable;
}

// Makes what the store has in force ours. Where files that it names are missing: `strict` leaves all as it
// is; otherwise the box goes on without them, since a box that does not start cannot be mended from afar.
bool Control::adopt(bool strict) {
  auto values = store_->running().values;
  auto secrets = load_secrets(values, keystore_.granted());
  for (const auto& fault : secrets.faults) {
    fault_texts_.push_back(ipc::text_of(fault));
    log::write(log::Level::error, "settings", fault_texts_.back());
  }
  if (!secrets.faults.empty()) {
    secrets.credentials.wipe();
    if (strict) return false;
    for (const auto& fault : secrets.faults) values.erase(fault.name);
    secrets = load_secrets(values, keystore_.granted());
  }
  secrets_wait_ = secrets.waiting;
  view_ = ipc::SettingsView(0, std::move(values));
  credentials_.wipe();
  credentials_ = std::move(secrets.credentials);
  loaded_wall_ns_ = wall_ns(now_);
  log::set_level(log_level(view_));
  messages_.configure({std::string(view_.text("log.messages")), view_.number("log.messages_bytes"),
                       view_.number("log.messages_kept")});
  courier_.set_directory(outbox_directory(view_.text("tlsrpt.database")));
  const auto servers = view_.list("office.servers");
  lookup_.want({servers.begin(), servers.end()});
  return true;
}

// Another generation is in force: everybody hears of it.
void Control::take_settings() {
  fault_texts_.clear();
  adopt(false);
  note_restart_settings();
  apply();
  note_published();
}

void Control::keep_settings() {
  if (store_->turn(now_)) take_settings();
  const auto& refused = supervisor_.facts().refused;
  if (refused != refusal_seen_) {
    refusal_seen_ = refused;
    // A settings file is its owner's to mend; what was committed would be refused at each start.
    if (!refused.empty() && store_->running().source != "file" && store_->running().source != "system") {
      const auto why = "the data plane does not take generation " + std::to_string(store_->running().number) +
                       ": " + refused;
      if (store_->revert(why, now_)) take_settings();
    }
  }
  say_announcements();
  note_restart_settings();
  note_published();
}

void Control::say_announcements() {
  for (const auto& one : store_->take_unsaid()) log::write(log::Level::warning, "settings", one.text);
}

void Control::note_restart_settings() {
  std::vector<std::string> names;
  for (const auto& name : changed_names(started_, view_.values())) {
    const auto* setting = ipc::find_setting(name);
    if (setting != nullptr && setting->takes == ipc::Takes::restart) names.push_back(name);
  }
  if (names == waiting_) return;
  waiting_ = std::move(names);
  if (waiting_.empty()) return;
  log::write(log::Level::warning, "settings",
             "these take effect when the data plane starts again ('postern restart'): " +
                 ipc::join_list(waiting_, ", "));
}

// The data plane counts what it is handed; people count generations of the store.
void Control::note_published() {
  const auto number = supervisor_.published();
  if (number == 0) return;
  published_[number] = store_->running().number;
  if (published_.size() > kPublishedRemembered) published_.erase(published_.begin());
}

Applied Control::applied() {
  Applied applied;
  applied.waiting_for_restart = waiting_;
  applied.refused = supervisor_.facts().refused;
  const auto number_of = [&](std::uint64_t published) {
    const auto known = published_.find(published);
    return known == published_.end() ? 0 : known->second;
  };
  for (const auto& room : supervisor_.end().counters()) {
    for (const auto& value : room.values) {
      if (room.room == "dataplane" && value.name == "generation" && value.value != 0)
        applied.cores.push_back(number_of(value.value));
    }
  }
  // Where cores do not count it (yet), the report tells at least how many are at the newest.
  const auto& report = supervisor_.facts().report;
  if (applied.cores.size() < report.shards) {
    applied.cores.assign(report.shards, 0);
    std::fill_n(applied.cores.begin(), std::min(report.shards_at, report.shards),
                number_of(report.generation));
  }
  if (!applied.cores.empty())
    applied.generation = *std::min_element(applied.cores.begin(), applied.cores.end());
  return applied;
}

// What happened by itself is told until somebody commits again.
void Control::add_settings_warnings(std::vector<std::string>& all) const {
  for (const auto& one : store_->announcements()) {
    if (one.wall_ns >= store_->running().wall_ns) all.push_back("settings: " + one.text);
  }
  if (const auto& pending = store_->pending()) {
    all.push_back("generation " + std::to_string(pending->generation) + " of the settings goes back to " +
                  std::to_string(pending->back_to) + " at " + time_text(pending->until_wall_ns) +
                  " unless confirmed ('postern settings confirm')");
  }
}

Control::Json Control::settings_json(bool with_values) const {
  Json json{{"file", options_.settings_file()},
            {"store", options_.store()},
            {"loaded", time_text(loaded_wall_ns_)},
            {"generation", store_->running().number},
            {"spool_directory", std::string(view_.text("spool.directory"))},
            {"message_log", std::string(view_.text("log.messages"))}};
  if (!with_values) return json;
  auto& values = json["values"] = Json::object();
  for (const auto& [name, value] : view_.values()) values[name] = shown(name, value);
  return json;
}

Control::Json Control::reload() {
  const bool file = !options_.settings_file().empty();
  const bool taken = file ? take_file() : true;
  if (!file) fault_texts_.clear();
  if (!taken || !adopt(true)) {
    log::write(log::Level::error, "settings", "the settings were not taken; those before stay in force");
    return {{"error", "the settings were not taken; those before stay in force"}, {"faults", fault_texts_}};
  }
  note_restart_settings();
  apply();
  note_published();
  return {{"generation", store_->running().number},
          {"warnings", fault_texts_},
          {"waiting_for_restart", waiting_}};
}

}  // namespace postern::control
