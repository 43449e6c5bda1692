// Settings to carry away: a file sealed with a passphrase (argon2id, XChaCha20-Poly1305 in a stream).
//
//   "PSTEXP1\n" | passes 32 | kibibytes 32 | salt 16 | stream header 24 | pieces of 64 KiB + 17, the last
//   final
//
// Without the passphrase nothing of it can be read, changed or cut off unnoticed. The cost of the passphrase
// stands in the file, so it has a limit: a hostile file cannot ask for more than 256 MiB and ten passes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firmware/ipc/settings_check.hpp"
#include "platform/base/result.hpp"

namespace postern::control {

struct Portable {
  std::uint32_t schema = 0;
  std::uint64_t wall_ns = 0;
  std::string host_name;
  bool secrets = false;  // they are among the values
  ipc::SettingValues values;
};

// What the passphrase costs.
struct SealCost {
  std::uint32_t passes = 3;
  std::uint32_t kibibytes = 64 * 1024;
};

inline constexpr std::size_t kLeastPassphrase = 8;

Result<std::string, Fault> seal(const Portable& portable, std::string_view passphrase, SealCost cost = {});
Result<Portable, Fault> unseal(std::string_view file, std::string_view passphrase);

// What is inside the seal.
std::string write_portable(const Portable& portable);
Result<Portable, Fault> read_portable(std::string_view text);

}  // namespace postern::control
