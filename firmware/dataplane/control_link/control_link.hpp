// The data plane's end of the line to postern-control.
//
// Everything here happens on the housekeeping thread, in poll(), except what says "any thread". Control may
// come and go: the data plane keeps what it was told and goes on. Whoever connects is not trusted with more
// than it needs: the peer has to be of our own user, sizes are checked, descriptors have to be sealed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "firmware/dataplane/policy_link/policy_memory.hpp"
#include "firmware/ipc/command.hpp"
#include "firmware/ipc/counter_page.hpp"
#include "firmware/ipc/credentials.hpp"
#include "firmware/ipc/log_line.hpp"
#include "firmware/ipc/outcome_ring.hpp"
#include "firmware/ipc/queue.hpp"
#include "firmware/ipc/report.hpp"
#include "firmware/ipc/reporting.hpp"
#include "firmware/ipc/settings_snapshot.hpp"
#include "firmware/ipc/tickets.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::dataplane {

struct ControlLinkOptions {
  std::string path;  // where to listen
  std::uint32_t shards = 1;
  std::string version;
};

// One published pair. The credentials hold private keys: wipe() them after use.
struct Generation {
  std::uint64_t number = 0;
  ipc::SettingsView settings;
  ipc::Credentials credentials;
};

// What is needed before the first frame can be taken.
struct FirstSet {
  Generation generation;
  ipc::Tickets tickets;
};

struct ControlLinkEvents {
  std::function<void(Generation&&)> on_generation;      // a later one
  std::function<void(const ipc::Tickets&)> on_tickets;  // up to three keys, newest first
  std::function<void(ipc::Verb)> on_command;
  // Mail of the box's own, to be queued; answered by injected(). Where nobody listens, control comes again.
  std::function<void(const ipc::Inject&, process::Mapping message)> on_inject;
  // People at the queue; answered by answer_queue().
  std::function<void(ipc::QueueAsk&&)> on_queue_ask;
  // Whether a mail given by give_report() is on disk.
  std::function<void(const ipc::ReportKept&)> on_report_kept;
  std::function<void(std::shared_ptr<PolicyMemory>)> on_policy_memory;  // where to ask from now on
};

class ControlLink {
 public:
  // Listens, and makes the shared memory. Faults: the path is in use or cannot be made.
  static Result<std::unique_ptr<ControlLink>, Fault> create(const ControlLinkOptions& options);
  ~ControlLink();
  ControlLink(const ControlLink&) = delete;
  ControlLink& operator=(const ControlLink&) = delete;

  // Where counter structs are placed; before the packet cores start.
  ipc::CounterPage& counters();
  // The ring of one shard; pushed to by that shard's thread only.
  ipc::OutcomeRing& outcomes(std::uint32_t shard);
  // Any thread: an outcome found its ring full.
  void outcome_lost();

  // Waits until settings, credentials and tickets are all there. False: `stop` turned true, or control said
  // shut_down.
  bool wait_for_first_set(FirstSet& first, const std::atomic<bool>& stop);

  // Does what there is to do, waiting at most `timeout` for it.
  void poll(Duration timeout, const ControlLinkEvents& events);

  // Any thread: `shard` runs generation `number` now.
  void shard_runs(std::uint32_t shard, std::uint64_t number);
  // The generation cannot be taken; the one before stays in force.
  void refuse(std::uint64_t number, std::string_view reason);
  // What became of a mail; where control is away nothing happens, it will ask again.
  void injected(const ipc::Injected& answer);
  void answer_queue(const ipc::QueueAnswer& answer);
  // A TLS report that came by mail; false where control is away or takes nothing now.
  bool give_report(const ipc::ReportMail& mail, Bytes message);
  void set_phase(ipc::Phase phase);
  // For people, through control's log. Nothing happens where control is away.
  void log(ipc::Level level, std::string_view text);
  bool attached() const;
  // To be watched along with others by a caller that has its own poll loop: readable when poll() has work.
  int descriptor() const;

  struct State;

 private:
  explicit ControlLink(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace postern::dataplane
