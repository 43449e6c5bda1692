// Frames that wait to leave; see outbox.hpp.
#include "firmware/net/outbox.hpp"

namespace postern::net {

Outbox::Outbox(std::size_t answers, std::size_t waiting, std::size_t parcel_size)
    : parcel_size_(parcel_size),
      memory_((answers + waiting) * parcel_size),
      answers_(answers),
      waiting_(waiting) {
  adopt(answers_, 0);
  adopt(waiting_, answers);
}

void Outbox::adopt(Pool<Parcel>& pool, std::size_t first) {
  for (auto& parcel : pool.objects()) {
    parcel.home = &pool;
    parcel.bytes = memory_.data() + first++ * parcel_size_;
  }
}

std::size_t Outbox::drain(FrameSink& sink) {
  std::size_t left = 0;
  while (Parcel* parcel = queue_.front()) {
    Frame frame;
    if (!sink.allocate(parcel->port, frame)) break;
    queue_.pop();
    if (parcel->length > frame.capacity) {
      sink.discard(parcel->port, frame);
    } else {
      std::memcpy(frame.data, parcel->bytes, parcel->length);
      frame.length = parcel->length;
      frame.checksum = parcel->checksum;
      frame.l3_offset = parcel->l3_offset;
      frame.l4_offset = parcel->l4_offset;
      sink.send(parcel->port, frame);
      ++left;
    }
    release(parcel);
  }
  return left;
}

}  // namespace postern::net
