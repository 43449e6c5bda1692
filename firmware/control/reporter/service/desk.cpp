#include "firmware/control/reporter/service/desk.hpp"

#include <algorithm>

#include "firmware/control/outbox/intake.hpp"
#include "firmware/control/reporter/counting.hpp"
#include "firmware/control/reporter/service/real_outside.hpp"
#include "firmware/control/reporter/taking.hpp"
#include "firmware/ipc/reporting.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/seqpacket.hpp"

namespace postern::reporter {
namespace {

constexpr int kReportEveryMilliseconds = 1000;
constexpr std::size_t kReportsAtOnce = 4;  // of others, each second: counting must not wait long

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(clock::kernel_wall().time_since_epoch()).count();
}

}  // namespace

Desk::Desk(ServiceOptions options, process::Descriptor control)
    : options_(std::move(options)),
      control_(std::move(control)),
      store_(options_.database),
      buffer_(ipc::kMostSessionsBytes) {}

Desk::~Desk() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Desk::start() {
  thread_ = std::thread([this] {
    try {
      send_reports();
    } catch (const std::exception& error) {
      log::write(log::Level::error, "reporter", error.what());
      failed_ = true;
    }
  });
}

void Desk::send_reports() {
  auto outside = RealOutside::create(options_);
  if (!outside) {
    log::write(log::Level::error, "reporter", outside.error().reason);
    failed_ = true;
    return;
  }
  Store store(options_.database);
  Sender sender(store, **outside);
  sender.configure(options_.sender);
  while (true) {
    const auto next = sender.turn(wall_seconds());
    std::unique_lock lock(mutex_);
    // The wall clock may be set: it is looked at again at least every ten minutes (Sender::turn).
    const auto wait = std::chrono::seconds(std::max<std::int64_t>(next - wall_seconds(), 0));
    if (wake_.wait_for(lock, wait, [this] { return ending_; })) return;
  }
}

bool Desk::serve() {
  auto next_report = clock::kernel_instant();
  while (!failed_) {
    if (clock::kernel_instant() >= next_report) {
      report();
      take_reports(store_, control::intake_directory(options_.database), kReportsAtOnce, wall_seconds());
      next_report = clock::kernel_instant() + std::chrono::milliseconds(kReportEveryMilliseconds);
    }
    if (process::wait_readable(control_.get(), kReportEveryMilliseconds / 4) && !receive()) return true;
  }
  return false;
}

void Desk::report() {
  process::send_packet(
      control_, ipc::write(ipc::ReporterReport{.run = run_, .safe = safe_, .planned = 0, .trouble = {}}));
}

// False where control is gone.
bool Desk::receive() {
  process::Packet packet;
  const auto status = process::receive_packet(control_, buffer_, packet);
  if (status == process::ReceiveStatus::nothing) return true;
  if (status != process::ReceiveStatus::packet) return false;
  return take(Bytes(buffer_).first(packet.size));
}

bool Desk::take(Bytes packet) {
  ipc::MessageFault why{};
  const auto message = ipc::open_message(packet, why);
  if (!message || message->kind != ipc::MessageKind::sessions) return false;
  const auto sessions = ipc::read_sessions(message->body);
  if (!sessions) return false;
  const auto known = store_.safe(sessions->run);
  std::vector<Counted> counted;
  for (std::size_t i = 0; i < sessions->outcomes.size(); ++i) {
    if (sessions->first + i > known) add_counted(sessions->outcomes[i], counted);
  }
  run_ = sessions->run;
  safe_ = std::max(known, sessions->first + sessions->outcomes.size() - 1);
  store_.count(counted, run_, safe_);
  return true;
}

}  // namespace postern::reporter
