#include "firmware/tcp/keyed_hash.hpp"

#include <sodium/crypto_shorthash.h>

#include <cstring>

#include "platform/base/bytes.hpp"

namespace postern::tcp {

namespace {

constexpr std::uint32_t kOriginLabel = 1;

std::uint8_t* put(std::uint8_t* at, const void* from, std::size_t count) {
  std::memcpy(at, from, count);
  return at + count;
}

// An IPv4 address is hashed as its four bytes: the lengths differ, so the families cannot collide by
// construction.
std::uint8_t* put(std::uint8_t* at, const wire::Endpoint& endpoint) {
  at = endpoint.address.is_v4() ? put(at, endpoint.address.v4_bytes(), 4)
                                : put(at, endpoint.address.bytes.data(), 16);
  return put(at, &endpoint.port, sizeof endpoint.port);
}

}  // namespace

std::uint64_t keyed_hash(const HashKey& key, const wire::Flow& flow, std::uint32_t label,
                         std::uint64_t extra) {
  static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);
  std::array<std::uint8_t, 48> input;
  std::uint8_t* at = put(put(input.data(), flow.local), flow.remote);
  if (label != 0) {
    at = put(at, &label, sizeof label);
    at = put(at, &extra, sizeof extra);
  }
  std::array<std::uint8_t, 8> out;
  crypto_shorthash(out.data(), input.data(), static_cast<std::size_t>(at - input.data()), key.data());
  std::uint64_t value;
  std::memcpy(&value, out.data(), sizeof value);
  return value;
}

FlowOrigin flow_origin(const HashKey& key, const wire::Flow& flow, Instant now) {
  const std::uint64_t hash = keyed_hash(key, flow, kOriginLabel);
  const auto clock = static_cast<std::uint32_t>(now.time_since_epoch().count() >> 12);  // 4.096 µs
  return {SeqNumber{static_cast<std::uint32_t>(hash) + clock}, static_cast<std::uint32_t>(hash >> 32)};
}

}  // namespace postern::tcp
