// The inside of a shard: the engines, the sessions on top of them, and who is waiting for what.
//
// Everything here is reached from one thread. Sessions are found by the slot of their connection; a session
// that wants another turn, or has to go, is noted here and dealt with between events, never in the middle of
// one.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "firmware/dkim/sign.hpp"
#include "firmware/net/stack.hpp"
#include "firmware/shard/bounces.hpp"
#include "firmware/shard/delivery.hpp"
#include "firmware/shard/injections.hpp"
#include "firmware/shard/internet.hpp"
#include "firmware/shard/logins.hpp"
#include "firmware/shard/office.hpp"
#include "firmware/shard/queue_desk.hpp"
#include "firmware/shard/recipients.hpp"
#include "firmware/shard/report_desk.hpp"
#include "firmware/shard/session.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/shard/signings.hpp"
#include "firmware/tcp/engine.hpp"
#include "firmware/tls/session.hpp"

namespace postern::shard {

struct Shard::State {
  State(const Settings& given, std::unique_ptr<tls::Core> core, CounterSet counter_set, OutcomeSink& sink,
        const Birth& birth);

  // Of the running generation; a session keeps the one it began with.
  std::shared_ptr<const Settings> settings;
  CounterSet counters;
  OutcomeSink& outcomes;
  Steering steering;
  PolicySource& policies;
  LoginSource& logins_of;

  net::Stack net;
  tcp::Engine tcp;
  std::unique_ptr<tls::Core> tls;
  spool::Spool spool;
  dkim::Keyring keys;

  Signings signings;
  Recipients recipients;
  Bounces bounces;
  Injections injections;
  QueueDesk queue_desk;
  ReportDesk report_desk;
  Logins logins;
  Delivery delivery;
  Office office;
  Internet internet;

  Now now{};
  bool stopping = false;

  // The session on a connection; null where there is none (any more).
  Session* find(tcp::ConnectionId id) const;
  void attach(tcp::ConnectionId id, std::unique_ptr<Session> session);
  // The session is destroyed before the next event is looked at.
  void retire(tcp::ConnectionId id);
  // run() is called again in this turn or the next.
  void run_again(tcp::ConnectionId id);

  // Spool events about `message` go to the session on `id`.
  void watch(spool::MessageId message, tcp::ConnectionId id);
  void unwatch(spool::MessageId message, tcp::ConnectionId id);

  bool on_segment(const net::Arrival& arrival);
  // Passes engine events on to sessions until there are none; runs those that asked for it, `turns` at most.
  void dispatch();
  void run_ready();
  void sweep();

  std::vector<std::uint8_t> scratch;
  std::size_t open_sessions = 0;
  Instant next_sweep{};
  Frame spare{};  // a frame allocated and not used yet, on `spare_port`
  PortIndex spare_port = 0;
  bool has_spare = false;

  bool has_ready() const { return !ready.empty(); }

 private:
  struct Slot {
    std::unique_ptr<Session> session;
    std::uint32_t generation = 0;
    bool ready = false;
  };
  // Several sessions may carry parts of one message.
  using Watchers = boost::container::small_vector<tcp::ConnectionId, 1>;
  void tcp_events();
  void spool_events();
  bool pass_on(const spool::Event& event);
  void bury();
  Slot* slot(tcp::ConnectionId id);

  // Sessions look in here at their end: it outlives them.
  std::unordered_map<spool::MessageId, Watchers> watchers;
  std::vector<Slot> slots;
  std::vector<tcp::ConnectionId> ready;
  std::vector<tcp::ConnectionId> running;
  std::vector<std::unique_ptr<Session>> dead;
  std::size_t swept = 0;
  // What the engines reported, while it is being passed on: sessions cause new events meanwhile.
  std::vector<tcp::Event> tcp_batch;
  std::vector<spool::Event> spool_batch;
};

}  // namespace postern::shard
