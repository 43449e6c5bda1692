// One core's whole world without devices: net, tcp, tls, smtp and spool joined.
//
// Frames, disk answers and time go in; frames, disk orders, outcomes and "wake me at" come out. No device, no
// system call, no thread, no lock. A shard shares nothing with another one.
//
// One turn of the owner's loop:
//   on_frame() for every frame received        on_disk() for every answer
//   advance(now)                               timers, deliveries that are due
//   next_order() until false                   transmit(sink, now)
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "firmware/shard/counters.hpp"
#include "firmware/shard/injection.hpp"
#include "firmware/shard/login_source.hpp"
#include "firmware/shard/outcome.hpp"
#include "firmware/shard/policy_source.hpp"
#include "firmware/shard/queue_work.hpp"
#include "firmware/shard/report_mail.hpp"
#include "firmware/shard/settings.hpp"
#include "firmware/shard/signature_source.hpp"
#include "firmware/tcp/engine.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

// Tells whether a flow's segments will arrive at this core (receive-side scaling); see tcp::Engine::connect.
struct Steering {
  tcp::Engine::LandsHere lands_here = nullptr;
  void* context = nullptr;
};

// Who else has to see a frame the shard was given.
struct Taken {
  bool for_kernel = false;  // not ours, or the kernel needs it too (decision 10)
  bool for_all = false;     // neighbours' answers and ICMP: every other core's shard has to see it once
};

// A key that signs mail; see firmware/dkim.
struct SigningKey {
  std::string domain;
  std::string selector;
  std::string pem;
  bool tls_reports_only = false;
};

// What exists before a shard starts and is not a setting.
struct Birth {
  std::vector<tls::Credential> credentials;
  tls::TicketKeys tickets;
  std::array<std::uint8_t, 32> seed{};  // for the TLS library's random numbers
  std::vector<SigningKey> signing_keys{};
  Steering steering;
  PolicySource* policies = nullptr;       // null: nothing can be found out, mail to the internet waits
  LoginSource* logins = nullptr;          // null: nobody can log in
  SignatureSource* signatures = nullptr;  // null: every signature is made on the core
};

class Shard {
 public:
  // Builds everything; takes a while. Faults name what does not fit (certificates, memory).
  static Result<std::unique_ptr<Shard>, Fault> create(const Settings& settings, const Birth& birth,
                                                      CounterSet counters, OutcomeSink& outcomes);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // On the packet core, once, before the first call below.
  void enter_thread();

  // The queue, for recovery at start (spool::Spool::recover) and for looking at it.
  spool::Spool& spool();

  Taken on_frame(PortIndex port, const Frame& frame, Now now);
  void on_disk(const spool::DiskAnswer& answer, Now now);
  void disk_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes);
  void advance(Now now);
  bool next_order(spool::DiskOrder& order);
  // At most `kTransmitBudget` frames; true where more is waiting.
  bool transmit(FrameSink& sink, Now now);
  Instant next_deadline() const;

  // A new generation of the settings that may change while running (limits, recipients, office, tickets).
  void apply(const Settings& settings);
  void set_ticket_keys(const tls::TicketKeys& tickets);
  // Tries every queued message now.
  void hurry(Now now);
  // Mail of the box's own for the queue; `injection` stays until its answer is out.
  void inject(const Injection& injection);
  // What became of one; false where there is nothing to tell.
  bool next_injected(Injected& answer);
  // What people want of the queue; `work` stays until next_queue_work() gives it back. False: too many wait.
  bool ask_queue(QueueWork& work);
  QueueWork* next_queue_work();
  // Mail that is a report about TLS, for control; null: none. It stays until its answer was given, and every
  // one has to be answered.
  const ReportMail* next_report_mail();
  void answer_report_mail(const ReportAnswer& answer, Now now);
  // No new sessions; idle ones hear 421. quiet() turns true when the last one is gone.
  void shut_down(Now now);
  bool quiet() const;

  static constexpr std::size_t kTransmitBudget = 256;

  struct State;

 private:
  explicit Shard(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::shard
