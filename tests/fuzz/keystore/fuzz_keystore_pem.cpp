// What people upload: keys and certificate chains, as text from anywhere.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "firmware/control/keystore/pem/chain.hpp"
#include "firmware/control/keystore/pem/issue.hpp"
#include "firmware/control/keystore/pem/pem.hpp"

using namespace postern;
using namespace postern::keystore;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(Bytes(data, size));
  constexpr WallTime kNow{std::chrono::hours(24 * 365 * 56)};
  if (const auto blocks = read_pem(text)) {
    for (const auto& block : *blocks) {
      const auto again = read_pem(write_pem(block.label, block.der.bytes()));
      must(again && again->size() == 1 && again->front().der.text() == block.der.text());
    }
  }
  std::vector<std::uint8_t> info;
  if (auto key = PrivateKey::from_pem(text)) info = key->public_info();
  const auto checked = check_chain(text, info, kNow);
  // A chain that passed is read again as the same one.
  if (checked.faults.empty()) {
    const auto facts = read_chain(checked.pem);
    must(facts && facts->fingerprint == checked.facts.fingerprint);
  }
  read_chain(text);
  wrong_name(text.substr(0, 300));
  return 0;
}
