// Keeps the web administration running: see the header.
#include "firmware/control/supervisor/admin_keeper.hpp"

#include <pwd.h>
#include <sodium.h>

#include <array>
#include <cstdio>
#include <memory>

#include "firmware/ipc/codec.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "platform/log/log.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::control {

namespace {

constexpr std::size_t kMostReport = 3500;
// Whoever changed what it has to be started anew for gets the answer first.
constexpr Duration kAnswerTime = std::chrono::seconds(2);

bool concerns(std::string_view name) {
  return name.starts_with("admin.") || name.starts_with("resolver.") || name == "host_name" ||
         name == "log.level" || name == "domains.served" ||
         (name.starts_with("interface.") && name.ends_with(".addresses"));
}

// The rest is asked for when it is needed.
ipc::SettingValues restarting_part(const ipc::SettingValues& all) {
  ipc::SettingValues some;
  for (const auto& [name, value] : all) {
    const std::string_view view(name);
    if (view.starts_with("admin.") || view.starts_with("resolver.") || view == "log.level")
      some.emplace(name, value);
  }
  return some;
}

Result<process::Descriptor, Fault> frozen(const std::string& text) {
  return process::make_frozen("postern-web", as_bytes(text));
}

}  // namespace

std::optional<AdminUser> admin_user() {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/etc/passwd", "re"), std::fclose);
  while (const passwd* one = file ? ::fgetpwent(file.get()) : nullptr) {
    if (std::string_view(one->pw_name) == "postern-admin") return AdminUser{one->pw_uid, one->pw_gid};
  }
  return std::nullopt;
}

AdminKeeper::AdminKeeper(Launcher launcher, std::string socket_path)
    : companion_(std::move(launcher), "postern-admin", std::move(socket_path),
                 {.on_line = [this] { on_line(); },
                  .on_message = [this](const ipc::MessageView& message) { return on_message(message); },
                  .on_gone = [this] { report_ = {}; }}) {}

AdminKeeper::~AdminKeeper() {
  ::sodium_memzero(key_.data(), key_.size());
}

void AdminKeeper::set(const ipc::SettingValues& values) {
  ipc::SettingValues own;
  for (const auto& [name, value] : values) {
    if (concerns(name)) own.emplace(name, value);
  }
  if (own == values_) return;
  if (restarting_part(own) != restarting_part(values_)) restart();
  values_ = std::move(own);
  wanted_ = !ipc::SettingsView(0, values_).text("admin.address").empty();
}

void AdminKeeper::set_certificate(std::string chain_pem, std::string key_pem) {
  if (chain_pem == chain_ && key_pem == key_) return ::sodium_memzero(key_pem.data(), key_pem.size());
  ::sodium_memzero(key_.data(), key_.size());
  chain_ = std::move(chain_pem);
  key_ = std::move(key_pem);
  restart();
}

// It finds its new settings when it is back; where it is not wanted any more, it stays away.
void AdminKeeper::restart() {
  if (started_) restart_wanted_ = true;
}

void AdminKeeper::turn(Instant now) {
  const bool may_run = wanted_ && !chain_.empty();
  if (may_run) started_ = true;
  if (restart_wanted_ && restart_at_ == Instant{}) restart_at_ = now + kAnswerTime;
  if (restart_at_ != Instant{} && now >= restart_at_) {
    restart_wanted_ = false;
    restart_at_ = {};
    companion_.restart();
  }
  // One that is not wanted any more is looked after until it is gone, and not started again.
  if (may_run || companion_.facts().pid != 0) companion_.turn(now);
}

void AdminKeeper::on_line() {
  const auto settings = process::make_frozen("postern-settings", ipc::write_snapshot(0, values_));
  const auto chain = frozen(chain_);
  const auto key = frozen(key_);
  if (!settings || !chain || !key) {
    log::write(log::Level::error, "control", "there is no memory for the settings of the web administration");
    return;
  }
  const std::array<int, 3> three{settings->get(), chain->get(), key->get()};
  companion_.send(ipc::begin_message(ipc::MessageKind::admin_settings).take(), three);
}

bool AdminKeeper::on_message(const ipc::MessageView& message) {
  if (message.kind != ipc::MessageKind::admin_report) return false;
  ipc::Reader reader(message.body);
  auto report = Json::parse(reader.text(kMostReport), nullptr, false);
  if (!reader.complete() || !report.is_object()) return false;
  report_ = std::move(report);
  return true;
}

AdminKeeper::Json AdminKeeper::json() const {
  Json json{{"wanted", wanted_}, {"pid", companion_.facts().pid}, {"starts", companion_.facts().starts}};
  if (!companion_.facts().last_end.empty()) json["last_end"] = companion_.facts().last_end;
  if (report_.is_object()) json.update(report_);
  if (const auto address = json.value("address", ""); !address.empty())
    json["url"] = "https://" + address + "/";
  return json;
}

void AdminKeeper::add_warnings(std::vector<std::string>& all) const {
  if (!wanted_) return;
  if (chain_.empty()) all.push_back("the web administration waits for its certificate");
  if (companion_.facts().pid == 0 && !companion_.facts().last_end.empty())
    all.push_back(companion_.facts().last_end);
}

}  // namespace postern::control
