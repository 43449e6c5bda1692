// The one door to the TLS library's headers.
#pragma once

#include <wolfssl/options.h>
// options.h comes first: it must be the library's own build options.
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/types.h>

#include <memory>

namespace postern::tls {

struct ContextFree {
  void operator()(WOLFSSL_CTX* context) const { wolfSSL_CTX_free(context); }
};
struct SslFree {
  void operator()(WOLFSSL* ssl) const { wolfSSL_free(ssl); }
};
struct ManagerFree {
  void operator()(WOLFSSL_CERT_MANAGER* manager) const { wolfSSL_CertManagerFree(manager); }
};
using Context = std::unique_ptr<WOLFSSL_CTX, ContextFree>;
using Ssl = std::unique_ptr<WOLFSSL, SslFree>;
using CertManager = std::unique_ptr<WOLFSSL_CERT_MANAGER, ManagerFree>;

}  // namespace postern::tls
