// Making and rotating ticket keys: see the header.
#include "firmware/control/supervisor/ticket_keys.hpp"

#include <sodium.h>

namespace postern::control {

void TicketKeys::rotate(Instant now) {
  ipc::TicketKey key;
  ::randombytes_buf(key.name.data(), key.name.size());
  ::randombytes_buf(key.secret.data(), key.secret.size());
  keys_ = ipc::merge(ipc::Tickets{{key}}, keys_);
  made_ = now;
  sodium_memzero(&key, sizeof key);
}

void TicketKeys::adopt(Instant made) {
  made_ = made;
}

TicketKeys::~TicketKeys() {
  for (auto& key : keys_.keys) sodium_memzero(&key, sizeof key);
}

}  // namespace postern::control
