#include "firmware/dkim/sign.hpp"

namespace postern::dkim {

Result<std::string> sign(MessageHash& message, Keyring& keys, const SignOptions& options) {
  if (message.too_long()) return fail("the header section is too long to be signed");
  const Digest body = message.finish();
  std::string fields;
  for (auto* signer : keys.choose(author_domain(message.header()), is_tls_report(message.header()))) {
    const auto made = draft(message.header(), body,
                            {.domain = signer->domain,
                             .selector = signer->selector,
                             .identity = {},
                             .algorithm = signer->key.algorithm(),
                             .header = options.header,
                             .body = message.form(),
                             .now = options.now,
                             .lifetime = options.lifetime});
    if (!made) return tl::unexpected(made.error());
    const auto signature = signer->key.sign(made->digest);
    if (!signature) return tl::unexpected(signature.error());
    fields += complete(*made, *signature);
  }
  return fields;
}

}  // namespace postern::dkim
