// See io.hpp.
#include "firmware/tls/io.hpp"

#include <algorithm>
#include <cstring>

#include "firmware/tls/state.hpp"

namespace postern::tls {
namespace {

constexpr char kEncrypted = 23;  // the record type application_data. RFC 8446 §5.2

}  // namespace

void Io::begin(Bytes& call_input, CipherSink& call_sink, bool in_handshake) {
  input = &call_input;
  sink = &call_sink;
  handshaking = in_handshake;
  out_of_budget = false;
  records_out = 0;
  records_in = 0;
  bytes_in = 0;
}

void Io::end() {
  input = nullptr;
  sink = nullptr;
}

bool Io::flush(CipherSink& to) {
  while (tail_at < tail.size()) {
    const auto taken = to.take(Bytes(tail).subspan(tail_at));
    if (taken == 0) return false;
    tail_at += taken;
  }
  if (!tail.empty()) tail = {};
  tail_at = 0;
  return true;
}

Bytes Io::source() const {
  if (replay_at < replay.size()) return Bytes(replay).subspan(replay_at);
  return *input;
}

void Io::consume(std::size_t n) {
  if (replay_at < replay.size()) {
    replay_at += n;
    if (replay_at < replay.size()) return;
    replay = {};
    replay_at = 0;
  } else {
    *input = input->subspan(n);
    taken_in += n;
  }
}

// Counts a record in when its header is complete.
void Io::follow_records(Bytes bytes) {
  while (!bytes.empty()) {
    if (body_left != 0) {
      const auto n = std::min(body_left, bytes.size());
      body_left -= n;
      bytes = bytes.subspan(n);
      continue;
    }
    header[header_have++] = bytes[0];
    bytes = bytes.subspan(1);
    if (header_have < sizeof header) continue;
    header_have = 0;
    body_left = load_be16(header + 3);
    // The empty-looking record that only says "the cipher changes now" comes for free. RFC 8446 appendix D.4.
    if (header[0] != 20) ++records_in;
  }
}

int Io::receive(char* out, int size) {
  const auto from = source();
  if (from.empty()) return WOLFSSL_CBIO_ERR_WANT_READ;
  const bool at_border = header_have == 0 && body_left == 0;
  const bool used_up = handshaking ? records_in >= 1 : bytes_in >= kReadBudget;
  if (at_border && used_up) {
    out_of_budget = true;
    return WOLFSSL_CBIO_ERR_WANT_READ;
  }
  const auto n = std::min(static_cast<std::size_t>(size), from.size());
  std::memcpy(out, from.data(), n);
  follow_records(from.first(n));
  consume(n);
  bytes_in += n;
  return static_cast<int>(n);
}

int Io::send(const char* bytes, int size) {
  // Only TLS 1.3 is interrupted, whose handshake is encrypted from the second record on: in TLS 1.2 the
  // library loses memory when it cannot send its ServerKeyExchange at once, and nothing costly follows that.
  if (handshaking && records_out >= kRecordsOut && bytes[0] == kEncrypted) {
    out_of_budget = true;
    return WOLFSSL_CBIO_ERR_WANT_WRITE;
  }
  ++records_out;
  const Bytes whole{reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size)};
  made += whole.size();
  auto rest = whole;
  while (tail.empty() && !rest.empty()) {
    const auto taken = sink->take(rest);
    if (taken == 0) break;
    rest = rest.subspan(taken);
  }
  tail.insert(tail.end(), rest.begin(), rest.end());
  return size;
}

int receive_callback(WOLFSSL*, char* out, int size, void* context) {
  return static_cast<Session::State*>(context)->io.receive(out, size);
}

int send_callback(WOLFSSL*, char* bytes, int size, void* context) {
  return static_cast<Session::State*>(context)->io.send(bytes, size);
}

}  // namespace postern::tls
