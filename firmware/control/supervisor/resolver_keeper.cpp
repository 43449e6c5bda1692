// Keeps the resolver running: see the header.
#include "firmware/control/supervisor/resolver_keeper.hpp"

#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "firmware/ipc/policy_memory.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "firmware/policy/table/table.hpp"
#include "platform/log/log.hpp"

namespace postern::control {

namespace {

ipc::SettingValues resolver_values(const ipc::SettingValues& all) {
  ipc::SettingValues some;
  for (const auto& [name, value] : all) {
    if (name.starts_with("resolver.") || name == "log.level") some.emplace(name, value);
  }
  return some;
}

}  // namespace

ResolverKeeper::ResolverKeeper(Launcher launcher, std::string socket_path, std::function<void()> offer)
    : offer_(std::move(offer)),
      companion_(std::move(launcher), "postern-resolver", std::move(socket_path),
                 {.on_line = [this] { on_line(); },
                  .on_message = [this](const ipc::MessageView& message) { return on_message(message); },
                  .on_gone = [this] { report_ = {}; }}) {}

void ResolverKeeper::set(const ipc::SettingValues& values) {
  auto own = resolver_values(values);
  if (known_ && own == values_) return;
  const bool running = known_ && lanes_ != 0;
  values_ = std::move(own);
  known_ = true;
  if (running) companion_.restart();
}

void ResolverKeeper::set_lanes(std::uint32_t lanes) {
  if (lanes == lanes_) return;
  const bool running = lanes_ != 0;
  lanes_ = lanes;
  if (running) companion_.restart();
}

Result<PolicyMemory, Fault> ResolverKeeper::make_memory() {
  const ipc::SettingsView view(0, values_);
  PolicyMemory memory;
  memory.number = ++number_;
  memory.lanes = std::max(lanes_, 1u);
  const auto table_size = policy::table_bytes(
      {.domains = view.number("resolver.domains"), .entry_bytes = ipc::kPolicyEntryBytes});
  auto table = process::make_shared_memory("postern-policy", table_size, process::Sharing::both_write);
  if (!table) return tl::unexpected(table.error());
  auto lanes = process::make_shared_memory("postern-questions", ipc::policy_lanes_size(memory.lanes),
                                           process::Sharing::both_write);
  if (!lanes) return tl::unexpected(lanes.error());
  ipc::make_policy_lanes(lanes->mapping.bytes(), memory.lanes);
  memory.table = std::move(table->descriptor);
  memory.lanes_memory = std::move(lanes->descriptor);
  memory.event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!memory.event) return fault(std::string("cannot make an event: ") + std::strerror(errno));
  return memory;
}

void ResolverKeeper::on_line() {
  auto memory = make_memory();
  if (!memory) return log::write(log::Level::error, "control", memory.error().reason);
  const auto settings = process::make_frozen("postern-settings", ipc::write_snapshot(0, values_));
  if (!settings) return log::write(log::Level::error, "control", settings.error().reason);
  const auto message = ipc::begin_message(ipc::MessageKind::resolver_settings).take();
  const std::array<int, 1> one{settings->get()};
  const std::array<int, 3> three{memory->table.get(), memory->lanes_memory.get(), memory->event.get()};
  companion_.send(message, one);
  companion_.send(ipc::write(ipc::PolicyMemoryMessage{memory->number, memory->lanes}), three);
  fresh_ = std::move(*memory);
}

bool ResolverKeeper::on_message(const ipc::MessageView& message) {
  if (message.kind != ipc::MessageKind::resolver_report) return false;
  auto report = ipc::read_resolver_report(message.body);
  if (!report) return false;
  if (report->trouble != report_.trouble && !report->trouble.empty())
    log::write(log::Level::warning, "resolver", report->trouble);
  report_ = std::move(*report);
  if (report_.ready && fresh_) {
    offered_ = std::move(fresh_);
    fresh_.reset();
    offer_();
  }
  return true;
}

}  // namespace postern::control
