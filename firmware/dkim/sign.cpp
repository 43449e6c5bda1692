#include "firmware/dkim/sign.hpp"

namespace postern::dkim {

Result<Drafts> drafts(MessageHash& message, Keyring& keys, const SignOptions& options) {
  if (message.too_long()) return fail("the header section is too long to be signed");
  const Digest body = message.finish();
  Drafts all;
  for (auto* signer : keys.choose(author_domain(message.header()), is_tls_report(message.header()))) {
    auto made = draft(message.header(), body,
                      {.domain = signer->domain,
                       .selector = signer->selector,
                       .identity = {},
                       .algorithm = signer->key.algorithm(),
                       .header = options.header,
                       .body = message.form(),
                       .now = options.now,
                       .lifetime = options.lifetime});
    if (!made) return tl::unexpected(made.error());
    all.push_back({signer, std::move(*made)});
  }
  return all;
}

Result<std::string> sign(MessageHash& message, Keyring& keys, const SignOptions& options) {
  const auto all = drafts(message, keys, options);
  if (!all) return tl::unexpected(all.error());
  std::string fields;
  for (const auto& [signer, draft] : *all) {
    const auto signature = signer->key.sign(draft.digest);
    if (!signature) return tl::unexpected(signature.error());
    fields += complete(draft, *signature);
  }
  return fields;
}

}  // namespace postern::dkim
