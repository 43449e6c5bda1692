// The data plane's end of the line to postern-control: see the header.
#include "firmware/dataplane/control_link/control_link.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "firmware/dataplane/control_link/link_state.hpp"
#include "firmware/ipc/hello.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::dataplane {

namespace {

constexpr Duration kReportEvery = std::chrono::seconds(1);
// Longest wait inside wait_for_first_set(), so that `stop` is seen soon.
constexpr Duration kWaitStep = std::chrono::milliseconds(200);

}  // namespace

void ControlLink::State::accept() {
  Descriptor fresh = process::accept_seqpacket(listener);
  if (!fresh) return;
  const auto peer = process::peer_facts(fresh);
  if (peer.uid != ::geteuid() && peer.uid != 0) {
    log::writef(log::Level::warning, "control", "turned away a connection of user %u", peer.uid);
    return;
  }
  // The latest one counts: an older connection is what is left of a control plane that is gone.
  drop("another one has connected");
  socket = std::move(fresh);
  watch(socket.get());
  say_hello();
  report(true);
}

void ControlLink::State::say_hello() {
  ipc::Hello hello;
  hello.version = options.version;
  hello.pid = static_cast<std::uint32_t>(::getpid());
  hello.shards = options.shards;
  hello.started_wall_ns = started_wall_ns;
  hello.generation = taken;
  hello.digest = digest;
  hello.tickets_wall_ns = tickets_wall_ns;
  const std::array<int, 2> memory{page_memory.descriptor.get(), ring_memory.descriptor.get()};
  if (!send(ipc::write(hello), memory)) drop("it does not listen");
}

void ControlLink::State::report(bool anyway) {
  if (!socket) return;
  ipc::Report now{phase, taken, 0, options.shards, lost.load(std::memory_order_relaxed)};
  for (const auto& number : running) {
    if (taken != 0 && number.load(std::memory_order_acquire) >= taken) ++now.shards_at;
  }
  const auto at = clock_ns(CLOCK_MONOTONIC);
  const bool changed = now.phase != reported.phase || now.generation != reported.generation ||
                       now.shards_at != reported.shards_at;
  const bool due = at - reported_ns >= static_cast<std::uint64_t>(kReportEvery.count());
  if (!anyway && !changed && !due) return;
  // A full queue means that control is slow, not gone: the next report says the same.
  if (send(ipc::write(now))) reported = now;
  reported_ns = at;
}

ControlLink::ControlLink(std::unique_ptr<State> state) : state_(std::move(state)) {}

ControlLink::~ControlLink() {
  if (state_->listener) ::unlink(state_->options.path.c_str());
}

Result<std::unique_ptr<ControlLink>, Fault> ControlLink::create(const ControlLinkOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  auto page = process::make_shared_memory("postern-counters", ipc::CounterPage::size_for(options.shards),
                                          process::Sharing::maker_writes);
  if (!page) return tl::unexpected(page.error());
  auto rings = process::make_shared_memory("postern-outcomes", ipc::outcome_rings_size(options.shards),
                                           process::Sharing::both_write);
  if (!rings) return tl::unexpected(rings.error());
  state->page_memory = std::move(*page);
  state->ring_memory = std::move(*rings);
  state->page = std::make_unique<ipc::CounterPage>(state->page_memory.mapping.bytes());
  ipc::make_outcome_rings(state->ring_memory.mapping.bytes(), options.shards);
  state->running = std::vector<std::atomic<std::uint64_t>>(options.shards);
  auto listener = process::listen_seqpacket(options.path);
  if (!listener) return tl::unexpected(listener.error());
  state->listener = std::move(*listener);
  state->waiter.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!state->waiter || !state->watch(state->listener.get())) {
    return fault(std::string("cannot watch the control socket: ") + std::strerror(errno));
  }
  return std::unique_ptr<ControlLink>(new ControlLink(std::move(state)));
}

ipc::CounterPage& ControlLink::counters() {
  return *state_->page;
}

ipc::OutcomeRing& ControlLink::outcomes(std::uint32_t shard) {
  return ipc::outcome_ring(state_->ring_memory.mapping.bytes(), std::min(shard, state_->options.shards - 1));
}

void ControlLink::outcome_lost() {
  state_->lost.fetch_add(1, std::memory_order_relaxed);
}

bool ControlLink::wait_for_first_set(FirstSet& first, const std::atomic<bool>& stop) {
  log::writef(log::Level::notice, "control", "waiting for settings from postern-control on %s",
              state_->options.path.c_str());
  bool shut_down = false;
  ControlLinkEvents events;
  events.on_command = [&](ipc::Verb verb) { shut_down = shut_down || verb == ipc::Verb::shut_down; };
  while (!stop.load(std::memory_order_relaxed) && !shut_down) {
    poll(kWaitStep, events);
    if (!state_->pending || state_->tickets.keys.empty()) continue;
    first.generation = std::move(*state_->pending);
    state_->pending.reset();
    first.tickets = state_->tickets;
    set_phase(ipc::Phase::starting);
    return true;
  }
  return false;
}

void ControlLink::poll(Duration timeout, const ControlLinkEvents& events) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  std::array<epoll_event, 2> ready{};
  const int count = ::epoll_wait(state_->waiter.get(), ready.data(), static_cast<int>(ready.size()),
                                 static_cast<int>(milliseconds));
  for (int i = 0; i < count; ++i) {
    if (ready[static_cast<std::size_t>(i)].data.fd == state_->listener.get()) state_->accept();
  }
  if (state_->socket) state_->receive(events);
  if (state_->pending && events.on_generation) {
    Generation generation = std::move(*state_->pending);
    state_->pending.reset();
    events.on_generation(std::move(generation));
  }
  if (state_->pending_memory && events.on_policy_memory)
    events.on_policy_memory(std::exchange(state_->pending_memory, nullptr));
  state_->report(false);
}

void ControlLink::shard_runs(std::uint32_t shard, std::uint64_t number) {
  if (shard < state_->running.size()) state_->running[shard].store(number, std::memory_order_release);
}

void ControlLink::refuse(std::uint64_t number, std::string_view reason) {
  state_->digest = {};  // so that control publishes again when it comes back
  state_->send(ipc::write(ipc::Refuse{number, std::string(reason)}));
}

void ControlLink::injected(const ipc::Injected& answer) {
  state_->send(ipc::write(answer));
}

void ControlLink::answer_queue(const ipc::QueueAnswer& answer) {
  state_->send(ipc::write(answer));
}

bool ControlLink::give_report(const ipc::ReportMail& mail, Bytes message) {
  if (!state_->socket) return false;
  const auto frozen = process::make_frozen("postern-report", message);
  if (!frozen) return false;
  const std::array<int, 1> one{frozen->get()};
  return state_->send(ipc::write(mail), one);
}

void ControlLink::set_phase(ipc::Phase phase) {
  state_->phase = phase;
  state_->report(true);
}

void ControlLink::log(ipc::Level level, std::string_view text) {
  state_->send(ipc::write(ipc::LogLine{level, std::string(text)}));
}

bool ControlLink::attached() const {
  return static_cast<bool>(state_->socket);
}

int ControlLink::descriptor() const {
  return state_->waiter.get();
}

}  // namespace postern::dataplane
