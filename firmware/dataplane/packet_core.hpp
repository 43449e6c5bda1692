// One packet core: the poll loop around a shard, with its ports, its rings and its clock.
//
//   inhale (frames, disk answers, commands) - work (shard) - exhale (orders, frames) - rest
//
// The loop makes no system call and takes no lock while there is work; it sleeps only after a while of empty
// turns, never past the shard's next deadline. Everything else reaches it through rings.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "drivers/nic/exception_tap.hpp"
#include "drivers/nic/frame_ring.hpp"
#include "drivers/nic/idle.hpp"
#include "drivers/nic/port.hpp"
#include "firmware/dataplane/burst_sink.hpp"
#include "firmware/dataplane/counters.hpp"
#include "firmware/dataplane/policy_link/ring_policy_source.hpp"
#include "firmware/dataplane/spool_writer/spool_writer.hpp"
#include "firmware/shard/shard.hpp"
#include "platform/base/spsc_ring.hpp"
#include "platform/clock/clock.hpp"

namespace postern::dataplane {

// What housekeeping tells a core. Pointers stay valid until the core has taken the command (see `taken`).
struct Command {
  enum class Kind : std::uint8_t {
    apply,
    tickets,
    policy_memory,
    inject,
    queue,
    report_kept,
    hurry,
    shut_down,
    stop
  } kind = Kind::hurry;
  std::uint64_t generation = 0;
  const shard::Settings* settings = nullptr;
  const tls::TicketKeys* tickets = nullptr;
  const shard::Injection* injection = nullptr;  // stays until its answer came
  shard::QueueWork* work = nullptr;             // stays until it came back
  shard::ReportAnswer report{};
  PolicyMemory* memory = nullptr;               // stays valid until the core has taken a later one
};

// Frames from one core to another, each with the port it came from as its first byte.
using SharedFrames = nic::FrameRing;
inline constexpr std::size_t kSharedFrames = 64;
inline constexpr std::size_t kSharedBytes = 2048;

class PacketCore {
 public:
  struct Parts {
    std::vector<nic::Port*> ports;         // this core's queues, in the board's order
    std::vector<nic::ExceptionTap*> taps;  // per port, null where there is none
    // Frames that every core has to see (answers of neighbours arrive at one queue only): from each other
    // core, and to each. Empty where there is one core.
    std::vector<SharedFrames*> from_cores;
    std::vector<SharedFrames*> to_cores;
    SpoolQueue* spool = nullptr;           // to and from the spool writer
    RingPolicySource* policies = nullptr;  // to and from the resolver; may be null
    std::size_t index = 0;                 // of this core, from 0
    Counters* counters = nullptr;
    std::uint64_t reserve_bytes = 0;  // of the spool's file system, kept free
  };
  // Runs on the packet core before the first turn: makes the shard and recovers its queue.
  using MakeShard = std::function<std::unique_ptr<shard::Shard>()>;

  explicit PacketCore(Parts parts);

  // The whole life of the core; returns after a `stop`.
  void run(const MakeShard& make_shard);

  // From the housekeeping thread.
  bool tell(const Command& command) { return commands_.push(command); }
  bool next_injected(shard::Injected& answer) { return injected_.pop(answer); }
  bool next_queue_work(shard::QueueWork*& work) { return queue_work_.pop(work); }
  // Every one has to be answered by a command.
  bool next_report_mail(const shard::ReportMail*& mail) { return report_mail_.pop(mail); }
  std::uint64_t commands_taken() const { return taken_.load(std::memory_order_acquire); }
  bool running() const { return running_.load(std::memory_order_acquire); }
  // After shut_down: the last session is gone and the disk has answered everything.
  bool quiet() const { return quiet_.load(std::memory_order_acquire); }

 private:
  void turn();
  std::size_t inhale();
  std::size_t take_answers();
  std::size_t give_orders();
  void give_injected();
  void give_queue_work();
  void give_report_mail();
  void take_command(const Command& command);
  void pass_exception(PortIndex port, const Frame& frame);
  void share(PortIndex port, const Frame& frame);
  std::size_t take_shared();
  std::size_t return_exceptions();
  void look(std::uint64_t free);
  void note(std::size_t work, Instant began);
  Instant wake_at() const;

  Parts parts_;
  clock::Clock clock_;
  BurstSink sink_;
  std::vector<std::uint8_t> shared_;  // one frame being copied to or from another core
  nic::IdleGovernor governor_;
  std::unique_ptr<shard::Shard> shard_;
  spool::DiskOrder held_{};  // an order the ring had no room for
  bool has_held_ = false;
  bool more_to_send_ = false;
  std::size_t outstanding_ = 0;
  Now now_{};
  Instant next_look_{};
  std::uint64_t free_bytes_ = 0;
  SpscRing<Command, 64> commands_;
  SpscRing<shard::Injected, 64> injected_;
  shard::Injected answer_{};  // the ring had no room for it
  bool has_answer_ = false;
  // Never full: the desk in the shard holds fewer.
  SpscRing<shard::QueueWork*, 64> queue_work_;
  SpscRing<const shard::ReportMail*, 4> report_mail_;  // never full: the shard gives one at a time
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> quiet_{false};
  bool stopping_ = false;
  bool stop_ = false;
};

}  // namespace postern::dataplane
