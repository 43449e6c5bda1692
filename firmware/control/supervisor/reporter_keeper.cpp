// Keeps the reporter running: see the header.
#include "firmware/control/supervisor/reporter_keeper.hpp"

#include <algorithm>
#include <array>

#include "firmware/ipc/settings_snapshot.hpp"
#include "platform/log/log.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::control {

namespace {

ipc::SettingValues reporter_values(const ipc::SettingValues& all) {
  ipc::SettingValues some;
  for (const auto& [name, value] : all) {
    const std::string_view view(name);
    if (view.starts_with("tlsrpt.") || view.starts_with("resolver.") || view == "host_name" ||
        view == "log.level")
      some.emplace(name, value);
  }
  return some;
}

}  // namespace

ReporterKeeper::ReporterKeeper(Launcher launcher, std::string socket_path, std::uint64_t run)
    : run_(run),
      companion_(std::move(launcher), "postern-reporter", std::move(socket_path),
                 {.on_line = [this] { on_line(); },
                  .on_message = [this](const ipc::MessageView& message) { return on_message(message); },
                  .on_gone = [this] { told_ = 0; }}) {}

void ReporterKeeper::set(const ipc::SettingValues& values) {
  auto own = reporter_values(values);
  if (known_ && own == values_) return;
  const bool running = known_;
  values_ = std::move(own);
  known_ = true;
  if (running) companion_.restart();
}

void ReporterKeeper::add(const std::vector<ipc::Outcome>& outcomes) {
  for (const auto& outcome : outcomes) {
    if (outcome.kind != ipc::OutcomeKind::session) continue;
    kept_.push_back(outcome);
    if (kept_.size() <= kMostKept) continue;
    kept_.pop_front();
    ++first_;
    ++lost_;
  }
}

void ReporterKeeper::turn(Instant now) {
  if (!known_) return;
  companion_.turn(now);
  tell();
}

void ReporterKeeper::on_line() {
  const auto settings = process::make_frozen("postern-settings", ipc::write_snapshot(0, values_));
  if (!settings) return log::write(log::Level::error, "control", settings.error().reason);
  const std::array<int, 1> one{settings->get()};
  companion_.send(ipc::begin_message(ipc::MessageKind::reporter_settings).take(), one);
  told_ = first_ - 1;
}

// Says what it has not heard yet, as long as its queue has room.
void ReporterKeeper::tell() {
  if (!companion_.facts().on_line) return;
  told_ = std::max(told_, first_ - 1);
  const auto last = first_ - 1 + kept_.size();
  while (told_ < last) {
    const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(told_ + 1 - first_);
    const auto count = std::min<std::uint64_t>(last - told_, ipc::kMostSessionsPerMessage);
    const std::vector<ipc::Outcome> some(begin, begin + static_cast<std::ptrdiff_t>(count));
    if (!companion_.send(ipc::write_sessions(run_, told_ + 1, some))) return;
    told_ += count;
  }
}

bool ReporterKeeper::on_message(const ipc::MessageView& message) {
  if (message.kind != ipc::MessageKind::reporter_report) return false;
  const auto report = ipc::read_reporter_report(message.body);
  if (!report) return false;
  if (report->run != run_) return true;  // it has heard nothing of us yet
  while (!kept_.empty() && first_ <= report->safe) {
    kept_.pop_front();
    ++first_;
  }
  return true;
}

}  // namespace postern::control
