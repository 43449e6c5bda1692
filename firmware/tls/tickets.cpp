// See tickets.hpp.
#include "firmware/tls/tickets.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "firmware/tls/state.hpp"

namespace postern::tls {
namespace {

constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::int64_t kClockSlackSeconds = 60;  // between the cores' views of the time

static_assert(kTag == 16 && kNonce == 24);
static_assert(WOLFSSL_TICKET_NAME_SZ == 16 && WOLFSSL_TICKET_IV_SZ == 16 && WOLFSSL_TICKET_MAC_SZ == 32);

// The mac field holds the tag, the nonce's last eight bytes and the time of issue.
constexpr std::size_t kNonceRest = kTag;
constexpr std::size_t kIssued = kTag + 8;

std::int64_t seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

struct Nonce {
  std::array<std::uint8_t, kNonce> bytes;
  explicit Nonce(const Tickets::Envelope& envelope) {
    std::memcpy(bytes.data(), envelope.nonce, 16);
    std::memcpy(bytes.data() + 16, envelope.mac + kNonceRest, 8);
  }
};

// What is authenticated beside the sealed bytes.
struct Bound {
  std::array<std::uint8_t, 16 + 8 + 255> bytes;
  std::size_t size;
  Bound(const Tickets::Envelope& envelope, std::string_view server_name) {
    const auto name_length = std::min<std::size_t>(server_name.size(), 255);
    std::memcpy(bytes.data(), envelope.name, 16);
    std::memcpy(bytes.data() + 16, envelope.mac + kIssued, 8);
    std::memcpy(bytes.data() + 24, server_name.data(), name_length);
    size = 24 + name_length;
  }
};

bool used(const TicketKeys::Key& key) {
  return !sodium_is_zero(key.name.data(), key.name.size());
}

}  // namespace

Tickets::~Tickets() {
  sodium_memzero(&keys_, sizeof keys_);
}

std::uint32_t Tickets::lifetime_seconds() const {
  // RFC 8446 §4.6.1: at most seven days.
  const auto wanted = std::chrono::duration_cast<std::chrono::seconds>(lifetime_).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(wanted, 0, 7 * 86400));
}

const TicketKeys::Key* Tickets::find(const std::uint8_t* name) const {
  for (const auto& key : keys_.keys) {
    if (used(key) && std::memcmp(key.name.data(), name, key.name.size()) == 0) return &key;
  }
  return nullptr;
}

bool Tickets::seal(const Envelope& envelope, MutableBytes state, std::string_view server_name, WallTime now,
                   rng::CoreRandom& random) {
  const auto& key = keys_.keys[0];
  if (!used(key)) return false;
  std::memcpy(envelope.name, key.name.data(), key.name.size());
  random.fill({envelope.nonce, 16});
  random.fill({envelope.mac + kNonceRest, 8});
  store_be64(envelope.mac + kIssued, static_cast<std::uint64_t>(seconds(now)));
  const Nonce nonce(envelope);
  const Bound bound(envelope, server_name);
  crypto_aead_xchacha20poly1305_ietf_encrypt_detached(state.data(), envelope.mac, nullptr, state.data(),
                                                      state.size(), bound.bytes.data(), bound.size, nullptr,
                                                      nonce.bytes.data(), key.secret.data());
  ++counters_.tickets_sealed;
  return true;
}

Tickets::Verdict Tickets::open(const Envelope& envelope, MutableBytes state, std::string_view server_name,
                               WallTime now) const {
  const auto* key = find(envelope.name);
  if (!key) return Verdict::unknown_key;
  const Nonce nonce(envelope);
  const Bound bound(envelope, server_name);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt_detached(state.data(), nullptr, state.data(), state.size(),
                                                          envelope.mac, bound.bytes.data(), bound.size,
                                                          nonce.bytes.data(), key->secret.data()) != 0) {
    return Verdict::refused;
  }
  const auto age = seconds(now) - static_cast<std::int64_t>(load_be64(envelope.mac + kIssued));
  if (age > lifetime_seconds() || age < -kClockSlackSeconds) {
    sodium_memzero(state.data(), state.size());
    return Verdict::expired;
  }
  return Verdict::opened;
}

void Tickets::count(Verdict verdict) {
  Counter* const counters[] = {&counters_.tickets_opened, &counters_.tickets_unknown_key,
                               &counters_.tickets_refused, &counters_.tickets_expired};
  ++*counters[static_cast<std::size_t>(verdict)];
}

int ticket_callback(WOLFSSL* ssl, unsigned char* name, unsigned char* iv, unsigned char* mac, int encrypt,
                    unsigned char* ticket, int in_length, int* out_length, void* context) {
  auto& core = *static_cast<Core::State*>(context);
  auto& session = *static_cast<Session::State*>(wolfSSL_GetIOReadCtx(ssl));
  const Tickets::Envelope envelope{name, iv, mac};
  const MutableBytes state{ticket, static_cast<std::size_t>(in_length)};
  *out_length = in_length;
  const auto server_name = session.hello.server_name();
  if (session.asks_certificate) return WOLFSSL_TICKET_RET_REJECT;
  if (encrypt != 0) {
    return core.tickets.seal(envelope, state, server_name, core.wall, core.random)
               ? WOLFSSL_TICKET_RET_OK
               : WOLFSSL_TICKET_RET_REJECT;
  }
  const auto verdict = core.tickets.open(envelope, state, server_name, core.wall);
  // The library asks again for each suite it might resume with.
  if (!session.ticket_judged) core.tickets.count(verdict);
  session.ticket_judged = true;
  return verdict == Tickets::Verdict::opened ? WOLFSSL_TICKET_RET_OK : WOLFSSL_TICKET_RET_REJECT;
}

}  // namespace postern::tls
