// One connection: the transmission control block of RFC 9293 §3.3.1 and what later RFCs added to it.
//
// Fields every segment touches come first. An idle connection is this record and nothing else: its queues and
// its ledger hold no chunks.
#pragma once

#include <cstdint>

#include "firmware/tcp/congestion.hpp"
#include "firmware/tcp/connection_state.hpp"
#include "firmware/tcp/flow_table.hpp"
#include "firmware/tcp/ledger.hpp"
#include "firmware/tcp/receive_queue.hpp"
#include "firmware/tcp/round_trip.hpp"
#include "firmware/tcp/send_queue.hpp"
#include "firmware/tcp/undo.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"
#include "platform/base/timer_wheel.hpp"

namespace postern::tcp {

// A node on the engine's wheel that says whose it is.
struct OwnedTimer : TimerNode {
  RecordRef owner;
};

// What the retransmission timer will do when it fires; there is one of them at a time (RFC 8985 §8).
enum class RetransmitKind : std::uint8_t { off, timeout, tail_probe, reordering, persist };

struct Connection {
  // --- every segment
  wire::Flow flow;                     // compared on look-up, so its cache line is here already
  SeqNumber send_una;                  // SND.UNA
  SeqNumber send_next;                 // SND.NXT: nothing beyond was ever sent
  SeqNumber receive_next;              // RCV.NXT
  SeqNumber receive_edge;              // right edge of the window the peer was told; never moves left
  SeqNumber last_ack_sent;             // RCV.NXT as of our last segment
  std::uint32_t send_window = 0;       // SND.WND, scaled
  std::uint32_t timestamp_recent = 0;  // TS.Recent (RFC 7323 §4.3)
  std::uint32_t timestamp_offset = 0;
  ConnectionState state = ConnectionState::closed;
  std::uint16_t mss = 536;         // payload of a full segment, options taken off
  std::uint8_t send_shift = 0;     // Snd.Wind.Shift
  std::uint8_t receive_shift = 0;  // Rcv.Wind.Shift
  RetransmitKind retransmit_kind = RetransmitKind::off;
  std::uint8_t duplicate_acks = 0;

  bool timestamps : 1 = false;
  bool sack : 1 = false;
  bool ack_now : 1 = false;     // an acknowledgment wants to leave at once
  bool ack_later : 1 = false;   // one is owed
  bool queued : 1 = false;      // in the list of connections that may have something to send
  bool fin_queued : 1 = false;  // the application closed: FIN follows the send queue
  bool fin_sent : 1 = false;
  bool peer_fin : 1 = false;   // the peer's FIN was seen, in order or not: `fin_at` holds
  bool peer_done : 1 = false;  // and reached
  bool probe_now : 1 = false;  // a window probe or keepalive wants to leave
  bool keepalive_now : 1 = false;
  bool tail_probe_now : 1 = false;
  bool wants_room : 1 = false;      // a write was short: say `writable`
  bool passive : 1 = false;         // came by listen()
  bool ended : 1 = false;           // its last event was posted; it goes away when events are cleared
  bool detached : 1 = false;        // protocol done, data not read yet; not in the flow table
  bool reordering : 1 = false;      // the path is known to reorder (RFC 8985 §3.3)
  bool duplicate_seen : 1 = false;  // `duplicate` waits to be reported (RFC 2883)
  bool tail_probe_resent : 1 = false;
  bool tail_probe_out : 1 = false;
  bool ecn : 1 = false;         // both ends agreed to use it (RFC 3168 §6.1.1)
  bool ecn_echo : 1 = false;    // the path marked: said in every segment until the peer has heard (§6.1.3)
  bool ecn_cut : 1 = false;     // the window was cut: said with the next new data (§6.1.2)
  bool undo_armed : 1 = false;  // `undo` is valid
  bool undo_repeated : 1 = false;  // something was sent again since
  bool undo_by_echo : 1 = false;   // the first acknowledgment after that is still awaited
  Frto frto : 2 = Frto::off;
  bool paced : 1 = false;              // something waits for `pace_at`
  bool mtu_waits : 1 = false;          // a search begins at `mtu_search_at`
  bool innocent : 1 = false;           // what is lost now says nothing about congestion
  bool stalled : 1 = false;            // the peer keeps its window closed: counted
  bool tell_user_timeout : 1 = false;  // RFC 5482 §3.2: once more with the first data
  std::uint8_t posted = 0;             // event kinds waiting in the list, as bits
  std::uint8_t challenges = 0;         // answers given in `challenge_second`
  std::uint8_t useless_acks = 0;       // and to data outside the window
  std::uint16_t user_timeout = 0;      // seconds, from the peer; 0: the setting counts
  std::uint16_t stalled_second = 0;    // when its window closed

  Ledger ledger;
  SendQueue send_queue;
  ReceiveQueue receive_queue;
  Congestion congestion;
  Undo undo;
  RoundTrip round_trip;
  std::uint16_t mtu_ceiling = 0;  // what is searched for lies below, as path_mss; 0: no search
  std::uint16_t mtu_probe = 0;    // the size on its way; 0: none

  // --- timers: three deadlines, one node on the wheel at or before the earliest
  Instant retransmit_at = kNever;
  Instant ack_at = kNever;
  Instant idle_at = kNever;   // keepalive, FIN-WAIT-2, unread data after the end
  Instant pace_at{};          // data may leave from then on (firmware/tcp/pacing.hpp)
  Instant timer_at = kNever;  // where the node is
  OwnedTimer timer;

  // --- less often
  std::uint32_t output_next = 0xffffffff;  // list of connections with something to send
  std::uint32_t output_previous = 0xffffffff;
  std::uint32_t table_hash = 0;
  SeqNumber window_seq;                // SND.WL1
  SeqNumber window_ack;                // SND.WL2
  std::uint32_t most_send_window = 0;  // MAX.SND.WND (RFC 5961 §5)
  SeqNumber send_first;                // ISS
  SeqNumber receive_first;             // IRS
  SeqNumber fin_at;                    // sequence number of the peer's FIN
  SeqRange duplicate;
  std::uint32_t receive_limit = 0;  // most bytes offered as window now
  std::uint32_t read_since_growth = 0;
  std::uint16_t peer_mss = 536;    // as announced, options not taken off
  std::uint16_t path_mss = 0;      // what the path takes, options not taken off
  std::uint16_t largest_seen = 0;  // payload of the largest segment received
  std::uint8_t keepalives = 0;     // unanswered
  std::uint8_t mtu_failures = 0;   // probes of this size that were lost
  std::uint16_t challenge_second = 0;
  std::uint16_t mtu_search_at = 0;            // second of the next search
  std::uint32_t timestamp_recent_second = 0;  // when TS.Recent was taken
  Instant timeout_from{};                     // the retransmission time-out counts from here
  Instant progress_at{};  // when the peer last acknowledged something new, or was last owed something new
  Instant heard_at{};     // when a segment last arrived
  Instant sent_at{};      // when data last left
  std::uint32_t reno_sacked = 0;  // bytes duplicate acknowledgments stand for, without SACK
  std::uint64_t rack_sent = 0;    // RFC 8985 §5.2: RACK.xmit_ts and RACK.end_seq
  SeqNumber rack_end;
  std::uint32_t rack_round_trip = 0;
  SeqNumber tail_probe_end;
  std::uint8_t reorder_windows = 1;    // RACK.reo_wnd_mult
  std::uint8_t reorder_persist = 16;   // recoveries until it is forgotten
  std::uint16_t validated_second = 0;  // when the congestion window was last in use (RFC 7661)
  SeqNumber reorder_round;             // one step of reo_wnd_mult per round trip
  std::uint32_t retransmitted = 0;     // segments, for facts()

  // The first sequence number that is in the send queue: the SYN's own number is not.
  SeqNumber queue_start() const {
    return is(ConnectionState::syn_sent | ConnectionState::syn_received) ? send_una + 1 : send_una;
  }
  SeqNumber queue_end() const { return queue_start() + send_queue.size(); }
  // Bytes on the way: sent, not SACKed, not taken for lost (RFC 6675 §4 "pipe").
  std::uint32_t in_flight() const {
    const std::uint32_t out = send_next.since(send_una);
    const std::uint32_t gone = ledger.sacked() + ledger.lost() + reno_sacked;
    return out > gone ? out - gone : 0;
  }
  bool is(StateSet set) const { return set.has(state); }
};
static_assert(sizeof(Connection) <= 512);

}  // namespace postern::tcp
