// The settings all our library contexts share: versions, suites, groups, callbacks. RFC 9325 §3 and §4.
#include "firmware/tls/ciphers.hpp"
#include "firmware/tls/library.hpp"
#include "firmware/tls/state.hpp"

namespace postern::tls {
namespace {

void serve_tickets(WOLFSSL_CTX* context, Core::State& core) {
  const auto lifetime = core.tickets.lifetime_seconds();
  wolfSSL_CTX_set_TicketEncCb(context, ticket_callback);
  wolfSSL_CTX_set_TicketEncCtx(context, &core);
  wolfSSL_CTX_set_TicketHint(context, static_cast<int>(lifetime));
}

}  // namespace

Result<Context, Fault> make_context(Core::State& core, bool server) {
  auto* method = server ? wolfSSLv23_server_method() : wolfSSLv23_client_method();
  Context context(method ? wolfSSL_CTX_new(method) : nullptr);
  if (!context) return fault("no memory for a TLS context: the core's arena is too small");
  // RFC 9325 §3.1.1: nothing below TLS 1.2.
  bool good = wolfSSL_CTX_SetMinVersion(context.get(), WOLFSSL_TLSV1_2) == WOLFSSL_SUCCESS;
  good = good && wolfSSL_CTX_set_cipher_list(context.get(), suite_list().c_str()) == WOLFSSL_SUCCESS;
#ifdef SINGLE_THREADED
  // The library is built without locks: a context and its sessions belong to one core. They share one
  // generator, so a session allocates none of its own.
  good = good && wolfSSL_CTX_new_rng(context.get()) == WOLFSSL_SUCCESS;
#endif
  // P-256 first: it is the fastest here, and every TLS 1.3 peer has it (RFC 8446 §9.1).
#ifdef OPENSSL_EXTRA
  // This one also keeps TLS 1.2 to the list.
  good = good && wolfSSL_CTX_set1_curves_list(context.get(), "P-256:X25519:P-384") == WOLFSSL_SUCCESS;
#else
  int groups[] = {WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP384R1};
  good = good && wolfSSL_CTX_set_groups(context.get(), groups, 3) == WOLFSSL_SUCCESS;
#endif
  if (!good) return fault("the TLS library refuses our versions, suites or groups");
  // Tickets hold the state. The library's cache is one for the whole process, behind a lock.
  wolfSSL_CTX_set_session_cache_mode(context.get(), WOLFSSL_SESS_CACHE_OFF);
  // The library's own limit on a ticket's age.
  wolfSSL_CTX_set_timeout(context.get(), core.tickets.lifetime_seconds());
  wolfSSL_CTX_SetIORecv(context.get(), receive_callback);
  wolfSSL_CTX_SetIOSend(context.get(), send_callback);
  if (library_device() != INVALID_DEVID) wolfSSL_CTX_SetDevId(context.get(), library_device());
  if (server) {
    serve_tickets(context.get(), core);
  } else {
    // The context knows no anchor and the library is built with alternative chains, so it never takes a CA
    // from a server's chain into the context.
    wolfSSL_CTX_set_verify(context.get(), WOLFSSL_VERIFY_PEER, verify_callback);
  }
  return context;
}

}  // namespace postern::tls
