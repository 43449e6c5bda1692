// Encoded facts from a table another process writes: looking into any bytes is safe, and what decodes encodes
// to the same again. A decision is made of whatever is found.
#include <cstdlib>

#include "firmware/policy/dane/usable.hpp"
#include "firmware/policy/decide/decide.hpp"

using namespace postern;
using namespace postern::policy;

namespace {

void look_around(const FactsView& view) {
  for (std::size_t i = 0; i < view.head().hosts + std::size_t{1}; ++i) {
    const auto host = view.host(i);
    for (std::size_t n = 0; n < 3; ++n) {
      view.host_name_allowed(i, n);
      view.host_address(i, n);
      view.sts_mx(n);
    }
    employed(view, i);
    const MessageWishes wishes{.require_tls = host.preference % 2 == 1,
                               .tls_required_no = host.preference % 3 == 1};
    const auto demand = decide(view.head(), host, wishes, nullptr, {}, WallTime());
    // Nothing that is unknown may be sent to in the clear.
    if (host.tlsa == TlsaState::failed && demand.insist == Insist::opportunistic && !wishes.tls_required_no &&
        view.head().mx_security == Security::secure && host.security <= HostSecurity::secure_alias) {
      std::abort();
    }
    names_for(demand, view, i);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const auto view = FactsView::over(bytes);
  if (view) look_around(*view);
  const auto facts = decode(bytes);
  if (!facts) return 0;
  const auto again = encode(*facts);
  if (again.empty()) return 0;
  const auto once = decode(again);
  if (!once || again.size() > kMostEncoded) std::abort();
  const auto twice = decode(encode(*once));
  if (!twice || !(*twice == *once)) std::abort();
  return 0;
}
