// What the process does while its cores carry mail: generations, ticket keys, commands and mail of the box's
// own go to the cores, their answers come back; and the orderly end.
#include <chrono>
#include <utility>

#include "firmware/dataplane/core_slot.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace postern::dataplane {
namespace {

constexpr Duration kHousekeepingEvery = 100ms;
constexpr Duration kAskedEvery = 1ms;
// How long sessions get to finish when the box stops; what is not durable by then was never answered with
// 250.
constexpr Duration kGoodbye = 10s;

}  // namespace

void Process::tell_all(Command command) {
  for (auto& slot : cores_) {
    if (slot->core->tell(command)) ++slot->told;
  }
}

void Process::take_generation(Generation&& generation) {
  auto settings = map(generation.settings, generation.credentials);
  generation.credentials.wipe();
  if (!settings) {
    link_.refuse(generation.number, settings.error().reason);
    return;
  }
  logins_->set_users(std::move(settings->users));
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    auto own = std::make_shared<shard::Settings>(settings->shard);
    complete(*own, i);
    auto& slot = *cores_[i];
    if (!slot.core->tell(
            {.kind = Command::Kind::apply, .generation = generation.number, .settings = own.get()}))
      continue;
    slot.in_flight.emplace_back(++slot.told, own);
  }
}

void Process::take_tickets(const ipc::Tickets& tickets) {
  const auto keys = std::make_shared<const tls::TicketKeys>(map_tickets(tickets));
  for (auto& slot : cores_) {
    if (!slot->core->tell({.kind = Command::Kind::tickets, .tickets = keys.get()})) continue;
    slot->in_flight.emplace_back(++slot->told, keys);
  }
}

// A core that has not taken the new memory yet still looks into the old one, which stays alive for it.
void Process::take_policy_memory(std::shared_ptr<PolicyMemory> memory) {
  for (auto& slot : cores_) {
    const bool told = slot->core->tell({.kind = Command::Kind::policy_memory, .memory = memory.get()});
    // One that is too busy to be told keeps the old one for good.
    slot->in_flight.emplace_back(told ? ++slot->told : ~std::uint64_t{0}, policy_memory_);
  }
  policy_memory_ = std::move(memory);
}

// Lets go of what cores have taken, and reports the generation each one runs.
void Process::report_generations() {
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    auto& slot = *cores_[i];
    const auto taken = slot.core->commands_taken();
    std::erase_if(slot.in_flight, [&](const auto& entry) { return entry.first <= taken; });
    const auto generation = slot.counters->generation;
    if (generation == slot.acknowledged) continue;
    slot.acknowledged = generation;
    link_.shard_runs(static_cast<std::uint32_t>(i), generation);
  }
}

// Mail of the box's own goes to one core, always the same for one ticket.
bool Process::give(const shard::Injection& injection) {
  auto& slot = *cores_[injection.ticket % cores_.size()];
  if (!slot.core->tell({.kind = Command::Kind::inject, .injection = &injection})) return false;
  ++slot.told;
  return true;
}

void Process::take_injected() {
  shard::Injected answer;
  for (auto& slot : cores_) {
    while (slot->core->next_injected(answer)) injections_.answered(answer);
  }
}

bool Process::give(std::uint32_t core, shard::QueueWork& work) {
  if (core >= cores_.size()) return false;
  auto& slot = *cores_[core];
  if (!slot.core->tell({.kind = Command::Kind::queue, .work = &work})) return false;
  ++slot.told;
  return true;
}

void Process::take_queue_work() {
  shard::QueueWork* work = nullptr;
  for (auto& slot : cores_) {
    while (slot->core->next_queue_work(work)) queue_.answered(*work);
  }
}

bool Process::give(std::uint32_t core, const shard::ReportAnswer& answer) {
  auto& slot = *cores_[core];
  if (!slot.core->tell({.kind = Command::Kind::report_kept, .report = answer})) return false;
  ++slot.told;
  return true;
}

void Process::take_report_mail() {
  const auto now = clock::kernel_instant();
  const shard::ReportMail* mail = nullptr;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    while (cores_[i]->core->next_report_mail(mail)) reports_.take(static_cast<std::uint32_t>(i), *mail, now);
  }
  reports_.turn(now);
}

void Process::serve(const std::atomic<bool>& stop) {
  ControlLinkEvents events;
  events.on_generation = [this](Generation&& generation) { take_generation(std::move(generation)); };
  events.on_tickets = [this](const ipc::Tickets& tickets) { take_tickets(tickets); };
  events.on_command = [this](ipc::Verb verb) {
    if (verb == ipc::Verb::hurry) tell_all({.kind = Command::Kind::hurry});
    if (verb == ipc::Verb::shut_down) stopping_ = true;
  };
  events.on_inject = [this](const ipc::Inject& inject, process::Mapping message) {
    injections_.take(inject, std::move(message));
  };
  events.on_queue_ask = [this](ipc::QueueAsk&& ask) { queue_.take(std::move(ask)); };
  events.on_report_kept = [this](const ipc::ReportKept& kept) { reports_.kept(kept); };
  events.on_policy_memory = [this](std::shared_ptr<PolicyMemory> memory) {
    take_policy_memory(std::move(memory));
  };
  while (!stop && !stopping_) {
    const bool asked = queue_.under_way() != 0;  // a person waits
    link_.poll(busy_taps() ? Duration::zero() : asked ? kAskedEvery : kHousekeepingEvery, events);
    report_generations();
    take_injected();
    take_queue_work();
    take_report_mail();
    log::drain();
  }
  end();
}

// Moves frames between the taps and the kernel; true where there may be more.
bool Process::busy_taps() {
  bool moved = false;
  for (const auto& tap : taps_) moved = (tap && tap->poll()) || moved;
  return moved;
}

void Process::end() {
  link_.set_phase(ipc::Phase::stopping);
  tell_all({.kind = Command::Kind::shut_down});
  const auto deadline = std::chrono::steady_clock::now() + kGoodbye;
  const auto all_quiet = [this] {
    for (const auto& slot : cores_) {
      if (!slot->core->quiet()) return false;
    }
    return true;
  };
  while (!all_quiet() && std::chrono::steady_clock::now() < deadline) link_.poll(kHousekeepingEvery, {});
  tell_all({.kind = Command::Kind::stop});
  for (std::size_t i = 0; i < cores_.size(); ++i) eal_->wait(i);
  writer_->stop();
  log::write(log::Level::notice, "dataplane", "stopped");
  log::drain();
}

}  // namespace postern::dataplane
