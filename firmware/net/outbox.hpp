// Frames of our own that wait to leave: answers, solicitations, and frames whose neighbour is being asked
// for.
//
// All memory is taken at construction. Answers and waiting frames have a budget each, so that neither can
// starve the other.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/pool.hpp"

namespace postern::net {

// A frame kept by us, Ethernet header first.
struct Parcel {
  Parcel* next = nullptr;
  Pool<Parcel>* home = nullptr;
  std::uint8_t* bytes = nullptr;
  std::uint16_t length = 0;
  PortIndex port = 0;
  ChecksumState checksum = ChecksumState::unknown;
  std::uint8_t l3_offset = 0;
  std::uint8_t l4_offset = 0;
};

class Outbox {
 public:
  // `parcel_size` is the longest frame of any port.
  Outbox(std::size_t answers, std::size_t waiting, std::size_t parcel_size);

  // Null where the budget is used up.
  Parcel* take_answer() { return answers_.take(); }
  Parcel* take_waiting() { return waiting_.take(); }
  void release(Parcel* parcel) { parcel->home->give(parcel); }
  std::size_t parcel_size() const { return parcel_size_; }

  void queue(Parcel* parcel) { queue_.push(parcel); }
  bool empty() const { return queue_.empty(); }

  // Sends what is queued, oldest first, until the sink has no room for the next one. Gives how many left.
  std::size_t drain(FrameSink& sink);

 private:
  void adopt(Pool<Parcel>& pool, std::size_t first);

  std::size_t parcel_size_;
  std::vector<std::uint8_t> memory_;
  Pool<Parcel> answers_;
  Pool<Parcel> waiting_;
  Fifo<Parcel> queue_;
};

}  // namespace postern::net
