// A session's handshake, from the first byte to `complete`. One call does at most one key agreement or one
// signature (Io::kRecordsOut says how that is held).
#include <algorithm>

#include "firmware/tls/ciphers.hpp"
#include "firmware/tls/library.hpp"
#include "firmware/tls/state.hpp"
#include "firmware/tls/verify.hpp"

namespace postern::tls {
namespace {

// RFC 8446 §6: a fatal alert in the clear, for peers the library is never shown.
void send_plain_alert(CipherSink& sink, std::uint8_t description) {
  const std::array<std::uint8_t, 7> alert{21, 3, 3, 0, 2, 2, description};
  sink.take(alert);
}

constexpr std::uint8_t kUnexpectedMessage = 10;
constexpr std::uint8_t kDecodeError = 50;

Chain chain_of(const WOLFSSL_X509_STORE_CTX& store) {
  Chain chain;
  for (int i = 0; i < store.totalCerts; ++i) chain.emplace_back(store.certs[i].buffer, store.certs[i].length);
  return chain;
}

}  // namespace

// Called for each certificate, the leaf last. What the library thinks of them does not matter: the whole
// chain is held against the demand once, and that decides.
int verify_callback(int, WOLFSSL_X509_STORE_CTX* store) {
  auto& session = *static_cast<Session::State*>(store->userCtx);
  if (store->error_depth != 0) return 1;
  session.judged = true;
  const auto chain = chain_of(*store);
  const auto trial = try_chain(session.demand, chain, session.core.anchors.get(), session.core.wall);
  session.dane = trial.dane;
  session.web_pki = trial.web_pki;
  session.unmet = trial.unmet;
  if (session.demand.keep_chain) session.keep(chain);
  session.authenticated = session.unmet.empty() && session.demand.kind != ServerDemand::Kind::unauthenticated;
  return session.unmet.empty() ? 1 : 0;
}

// Whatever the client sent, the handshake goes on: who proves nothing is served as anybody.
int client_callback(int, WOLFSSL_X509_STORE_CTX* store) {
  auto& session = *static_cast<Session::State*>(store->userCtx);
  if (store->error_depth != 0) return 1;
  // The library comes here for an empty list too.
  const auto chain = chain_of(*store);
  if (chain.empty()) return 1;
  ++session.core.counters.client_certificates;
  session.client = judge_client(chain, session.core.client_anchors.get());
  return 1;
}

void Session::State::keep(const std::vector<Bytes>& chain) {
  peer_chain.clear();
  for (const auto& certificate : chain) peer_chain.emplace_back(certificate.begin(), certificate.end());
}

Status Session::State::gather_hello(Bytes& input, CipherSink& sink) {
  const auto before = input.size();
  const auto step = gather.feed(input);
  core.counters.cipher_bytes_in += before - input.size();
  if (step == HelloGather::Step::more) return Status::want_input;
  if (step == HelloGather::Step::not_tls) {
    send_plain_alert(sink, kUnexpectedMessage);
    ++core.counters.alerts_sent;
    return fail(core.counters.failed_not_tls, "the peer's first bytes are no TLS record");
  }
  const auto parsed = step == HelloGather::Step::complete ? parse_client_hello(gather.message())
                                                          : postern::fail("oversized ClientHello");
  if (!parsed) {
    send_plain_alert(sink, kDecodeError);
    ++core.counters.alerts_sent;
    return fail(core.counters.failed_client_hello, parsed.error().reason);
  }
  hello = *parsed;
  io.replay = gather.take_records();
  gather.clear();
  if (!start_server()) return fail(core.counters.failed_arena_full, "no memory for the TLS session");
  return Status::again;
}

bool Session::State::start_server() {
  const auto choice = core.certificates.choose(hello);
  ssl.reset(wolfSSL_new(choice.context));
  if (!ssl) return false;
  wolfSSL_SetIOReadCtx(ssl.get(), this);
  wolfSSL_SetIOWriteCtx(ssl.get(), this);
  if (asks_certificate) {
    // Asked for, not insisted on: a client without one sends an empty list. RFC 8446 §4.4.2.4.
    wolfSSL_set_verify(ssl.get(), WOLFSSL_VERIFY_PEER, client_callback);
    wolfSSL_SetCertCbCtx(ssl.get(), this);
    wolfSSL_NoTicketTLSv12(ssl.get());
    wolfSSL_no_ticket_TLSv13(ssl.get());
  }
  if (choice.is_default) ++core.counters.default_certificate;
  ++(choice.kind == KeyKind::rsa ? core.counters.rsa_chosen : core.counters.ecdsa_chosen);
  phase = Phase::handshaking;
  return true;
}

bool Session::State::start_client() {
  ssl.reset(wolfSSL_new(core.client.get()));
  if (!ssl) return false;
  wolfSSL_SetIOReadCtx(ssl.get(), this);
  wolfSSL_SetIOWriteCtx(ssl.get(), this);
  wolfSSL_SetCertCbCtx(ssl.get(), this);
  const auto& name = demand.server_name;
  if (!name.empty()) {
    wolfSSL_UseSNI(ssl.get(), WOLFSSL_SNI_HOST_NAME, name.data(), static_cast<unsigned short>(name.size()));
  }
  phase = Phase::handshaking;
  return true;
}

Status Session::State::advance(Bytes& input, CipherSink& sink) {
  io.begin(input, sink, true);
  const int result = server ? wolfSSL_accept(ssl.get()) : wolfSSL_connect(ssl.get());
  io.end();
  if (result == WOLFSSL_SUCCESS) return complete();
  const int error = wolfSSL_get_error(ssl.get(), result);
  if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE) {
    if (!io.tail.empty()) return Status::want_room;
    return io.out_of_budget ? Status::again : Status::want_input;
  }
  return fail_from_library(error);
}

Status Session::State::complete() {
  // The demand is judged in the callback; a handshake that never came by it has authenticated nobody.
  if (!server && demand.kind != ServerDemand::Kind::unauthenticated && !(judged && authenticated)) {
    return fail(core.counters.failed_certificate, "the server was not authenticated");
  }
  auto& count = core.counters;
  phase = Phase::open;
  version = wolfSSL_get_version(ssl.get());
  cipher = suite_name(static_cast<std::uint16_t>(wolfSSL_get_current_cipher_suite(ssl.get())));
  resumed = wolfSSL_session_reused(ssl.get()) != 0;
  ++(version == "TLSv1.3" ? count.tls13_handshakes : count.tls12_handshakes);
  ++(!server   ? count.client_handshakes
     : resumed ? count.server_handshakes_resumed
               : count.server_handshakes_full);
  // What a server may still have to send is only a ticket: it can go out with the first answer.
  return server || io.tail.empty() ? Status::ok : Status::want_room;
}

}  // namespace postern::tls
