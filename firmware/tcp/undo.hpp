// Reductions that were for nothing. What was taken for lost was only late, and the window is put back: seen
// by the timestamp an acknowledgment echoes (RFC 3522, RFC 4015), by reports that everything sent again
// arrived twice (RFC 3708), or after a time-out by the arrival of data that were not sent again (F-RTO, RFC
// 5682).
#pragma once

#include <cstdint>

#include "firmware/tcp/sequence_number.hpp"

namespace postern::tcp {

struct Core;
struct Connection;
struct Arrival;
struct Delivery;

enum class Frto : std::uint8_t { off, first_ack, second_ack };

// What there was before the reduction.
struct Undo {
  std::uint32_t window = 0;
  std::uint32_t threshold = 0;
  std::uint32_t stamp = 0;   // the timestamp clock of the first repetition
  std::uint32_t resent = 0;  // bytes sent again and not reported as duplicates
  SeqNumber from;            // SND.UNA then
};

// The window is about to be reduced.
void remember_for_undo(const Core& core, Connection& c);
// `bytes` are sent again.
void note_repeated(const Core& core, Connection& c, std::uint32_t bytes, std::uint32_t timestamp);
// RFC 2883: [start, end) arrived twice.
void duplicate_reported(Core& core, Connection& c, SeqNumber start, SeqNumber end);
// RFC 4015 §3.2: does the first acknowledgment of new data answer the first sending?
void look_at_echo(Core& core, Connection& c, const Arrival& a);
// RFC 5682 §2.1, §3.1: the acknowledgments after a time-out.
void look_after_timeout(Core& core, Connection& c, const Delivery& delivery, bool advanced);
// F-RTO waits: what is taken for lost is not sent yet, new data are.
bool holds_repairs(const Connection& c);

}  // namespace postern::tcp
