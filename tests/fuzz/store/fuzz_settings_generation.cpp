// A generation's file: whatever is in it, it is read as a whole or refused; what was read is written the same
// again and settles into values that this table takes. Without a checksum the input is given one, so that the
// fuzzer comes past it.
#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/control/store/generation.hpp"
#include "firmware/control/store/migrations.hpp"

using namespace postern::control;

namespace {

std::string with_checksum(std::string_view body) {
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  ::crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(body.data()),
                       body.size(), nullptr, 0);
  std::array<char, 2 * crypto_generichash_BYTES + 1> hex{};
  ::sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return "postern-generation 1 " + std::string(hex.data()) + "\n" + std::string(body);
}

void look(std::string_view text) {
  auto generation = read_generation(text);
  if (!generation) return;
  const auto again = read_generation(write_generation(*generation));
  if (!again || again->values != generation->values || again->comment != generation->comment) std::abort();
  settle(*generation);
  for (const auto& [name, value] : generation->values) {
    const auto* setting = postern::ipc::find_setting(name);
    if (setting == nullptr || !postern::ipc::wrong_with(*setting, value).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  look(text);
  look(with_checksum(text));
  return 0;
}
