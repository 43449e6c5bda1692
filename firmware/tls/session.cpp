// One connection's TLS: what a caller may ask of it at any time. See session.hpp.
#include <algorithm>

#include "firmware/tls/library.hpp"
#include "firmware/tls/state.hpp"

namespace postern::tls {
namespace {

constexpr std::size_t kMaxRecord = 16384;  // RFC 8446 §5.1
constexpr std::size_t kTailLimit = 2 * kMaxRecord;

// Around every call into the library: whose random numbers and time, and what the call moved.
class Call {
 public:
  explicit Call(Session::State& state)
      : state_(state),
        scope_(state.core.random, state.core.wall),
        taken_in_(state.io.taken_in),
        made_(state.io.made) {}
  ~Call() {
    state_.core.counters.cipher_bytes_in += state_.io.taken_in - taken_in_;
    state_.core.counters.cipher_bytes_out += state_.io.made - made_;
#ifdef WOLFSSL_HAVE_ERROR_QUEUE
    wolfSSL_ERR_clear_error();
#endif
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  Session::State& state_;
  CoreScope scope_;
  std::uint64_t taken_in_;
  std::uint64_t made_;
};

Status not_open(const Session::State& state) {
  return state.phase == Session::State::Phase::closed ? Status::closed : Status::failed;
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}

Session::~Session() {
  const CoreScope scope(state_->core.random, state_->core.wall);
  state_.reset();
}

Status Session::handshake(Bytes& input, CipherSink& sink) {
  using Phase = State::Phase;
  auto& state = *state_;
  const Call call(state);
  if (state.phase == Phase::failed || state.phase == Phase::closed) return not_open(state);
  const bool flushed = state.io.flush(sink);
  if (state.phase == Phase::open && (flushed || state.server)) return Status::ok;
  if (!flushed) return Status::want_room;
  if (state.core.short_of(Core::State::kCallReserve)) {
    return state.fail(state.core.counters.failed_arena_full, "no memory for the TLS session");
  }
  if (state.phase == Phase::gathering) {
    if (state.server) return state.gather_hello(input, sink);
    if (!state.start_client())
      return state.fail(state.core.counters.failed_arena_full, "no memory for the TLS session");
  }
  const auto status = state.advance(input, sink);
  if (status == Status::failed) state.io.flush(sink);
  return status;
}

Status Session::read(Bytes& input, CipherSink& sink, MutableBytes plain, std::size_t& got) {
  got = 0;
  auto& state = *state_;
  const Call call(state);
  if (state.phase != State::Phase::open) return not_open(state);
  state.io.flush(sink);
  // Answers to key updates wait here: a peer that makes us answer and does not read is not read either.
  if (state.io.tail.size() - state.io.tail_at > kTailLimit) return Status::want_room;
  state.io.begin(input, sink, false);
  const auto size = std::min<std::size_t>(plain.size(), 1u << 24);
  const int result = wolfSSL_read(state.ssl.get(), plain.data(), static_cast<int>(size));
  state.io.end();
  if (result > 0) {
    got = static_cast<std::size_t>(result);
    state.core.counters.plain_bytes_in += got;
    return Status::ok;
  }
  const int error = wolfSSL_get_error(state.ssl.get(), result);
  if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE) {
    return state.io.out_of_budget ? Status::again : Status::want_input;
  }
  if (error == WOLFSSL_ERROR_ZERO_RETURN) {
    state.phase = State::Phase::closed;
    ++state.core.counters.closed_by_peer;
    return Status::closed;
  }
  const auto status = state.fail_from_library(error);
  state.io.flush(sink);
  return status;
}

Status Session::write(Bytes& input, CipherSink& sink, Bytes plain, std::size_t& taken) {
  taken = 0;
  auto& state = *state_;
  const Call call(state);
  if (state.phase != State::Phase::open) return not_open(state);
  while (state.io.flush(sink)) {
    taken += std::min(state.unreported, plain.size() - taken);
    state.unreported = 0;
    if (taken == plain.size()) return Status::ok;
    const auto record = plain.subspan(taken, std::min(kMaxRecord, plain.size() - taken));
    state.io.begin(input, sink, false);
    const int result = wolfSSL_write(state.ssl.get(), record.data(), static_cast<int>(record.size()));
    state.io.end();
    if (result <= 0) {
      const auto status = state.fail_from_library(wolfSSL_get_error(state.ssl.get(), result));
      state.io.flush(sink);
      return status;
    }
    state.unreported = static_cast<std::size_t>(result);
    state.core.counters.plain_bytes_out += state.unreported;
  }
  return taken != 0 ? Status::ok : Status::want_room;
}

void Session::close(CipherSink& sink) {
  auto& state = *state_;
  const Call call(state);
  if (!state.ssl || state.phase == State::Phase::failed) return;
  state.io.flush(sink);
  if (state.phase == State::Phase::open) {
    Bytes nothing;
    state.io.begin(nothing, sink, false);
    wolfSSL_shutdown(state.ssl.get());
    state.io.end();
  }
  state.phase = State::Phase::closed;
}

bool Session::has_pending() const {
  const auto& state = *state_;
  return state.io.replay_at < state.io.replay.size() || (state.ssl && wolfSSL_pending(state.ssl.get()) > 0);
}

SessionFacts Session::facts() const {
  const auto& state = *state_;
  return {state.version,
          state.cipher,
          state.server ? state.hello.server_name() : std::string_view(state.demand.server_name),
          state.failure,
          state.resumed,
          state.authenticated,
          state.dane,
          state.web_pki};
}

const std::vector<std::vector<std::uint8_t>>& Session::peer_chain() const {
  return state_->peer_chain;
}

const ClientCertificate& Session::client_certificate() const {
  return state_->client;
}

}  // namespace postern::tls
