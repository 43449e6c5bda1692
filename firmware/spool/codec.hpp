// Envelopes and delivery states as bytes of a record, and back.
//
// Numbers are big-endian, texts have a 16-bit length in front (longer ones are cut). Bytes behind
// the last known field are not looked at, so a later version may add fields at the end.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "firmware/mail/envelope.hpp"
#include "firmware/spool/spool.hpp"
#include "platform/base/bytes.hpp"

namespace postern::spool {

std::size_t envelope_size(const mail::Envelope& envelope);
// Needs envelope_size() bytes.
void write_envelope(std::uint8_t* at, const mail::Envelope& envelope);
bool read_envelope(Bytes bytes, mail::Envelope& envelope);

// How far delivery of a message has come: everything but its content.
struct Progress {
  std::uint32_t attempts = 0;
  std::int64_t next = 0;  // nanoseconds since 1970
  std::string why;        // why the last attempt came to no verdict; else empty
  std::vector<std::pair<std::uint32_t, Verdict>> verdicts;  // by recipient, the last of each
  bool delay_told = false;                                  // the sender knows that it takes longer
  bool held = false;                                        // a person said: not now
  bool returned = false;                                    // a person said: back to the sender
  std::string route;                                        // a person said: this way
};

// At most `room` bytes are written. Where the words are too long for it they are shortened, all alike, if
// `shorten` allows. Gives the bytes used; 0 where it does not fit.
std::size_t write_progress(MutableBytes room, const Progress& progress, bool shorten);
bool read_progress(Bytes bytes, Progress& progress);

}  // namespace postern::spool
